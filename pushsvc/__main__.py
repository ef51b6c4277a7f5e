"""`python -m pushsvc` is `pushsvc`."""

from pushsvc.cli import main

if __name__ == "__main__":
    main()
