"""What a contract that loads may still have wrong: likely mistakes, each with its place."""
