"""The template, read as data: what it may do, keeps, logs and watches."""
