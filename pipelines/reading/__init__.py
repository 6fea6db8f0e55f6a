"""Reading: bytes and text in, frozen values out. `document.read` reads here and now, `pool.Readers` in workers under limits."""
