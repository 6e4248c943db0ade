"""Pictures of what a statistical model saw, drawn on the server as SVG from data among its measures."""

from mingjian.web.pictures.panels import Pictures, pictures_of

__all__ = ["Pictures", "pictures_of"]
