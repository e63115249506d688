"""The pages about feature sets: what each feature means, where it comes from, what it holds, and who lives on it."""
