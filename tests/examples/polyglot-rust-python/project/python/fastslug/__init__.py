from ._native import slug

__all__ = ["slug"]
