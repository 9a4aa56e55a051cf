"""What people look at: drawings of circuits, and pages that need no network."""
