"""Kinds of file that hold one sample, one module each; `registry` knows them all.

The registry is not imported here, so that whoever reads files of one medium, such as a
process that reads for another, imports that one alone.
"""
