# Nothing that others need.
