"""python -m schwung."""

from schwung.cli import main

main()
