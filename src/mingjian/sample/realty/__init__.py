"""Projects from land to delivery, sales, escrow and legacy cases, with what is planted among them."""
