"""What Darkroom needs of the world, as protocols; adapters live in `infrastructure`."""
