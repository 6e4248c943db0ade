"""A city's traffic: people of every role work through the real API on a clock that the simulation moves.

What the service does by itself (dispatch, sweep, re-supervision, delivery) runs as it runs in production; what people do
goes through HTTP alone. At the end every rule of the queue is checked, and the figures are those that the store holds.
"""
