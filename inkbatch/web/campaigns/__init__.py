"""The pages of campaigns: all of them, one live, its people, its attempts, its report."""
