"""The hooks function as it is deployed: who may post, and what becomes of it."""
