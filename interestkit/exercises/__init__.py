"""The content of the exercises: one module per lesson, named as its notebook without the number."""
