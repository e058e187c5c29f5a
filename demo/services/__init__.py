"""Write the sample shop, load a shop, and run everything that serves it."""
