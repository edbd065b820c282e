"""Search spaces of convolutional networks at rank 1, 2 and 3.

Import from the modules (`automl_search_spaces.space`, `.cost`, `.identity`,
`.inference`, `.registry`): this package itself loads nothing heavy.
"""
