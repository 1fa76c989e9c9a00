"""Segments: who is in, since when, until when. A rule is data; it is compiled to Ibis and to nothing else."""
