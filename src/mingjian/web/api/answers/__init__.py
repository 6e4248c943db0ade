"""The shapes of answers: what a program may rely on, by noun as the routes are."""
