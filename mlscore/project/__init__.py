"""What the user has: configuration, rubric files, the repository's tree, git, attestations."""
