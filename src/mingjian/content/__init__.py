"""Content files become domain objects here: sectors, sources, rules and models."""

from mingjian.content.loader import Content, load_content, load_sources

__all__ = ["Content", "load_content", "load_sources"]
