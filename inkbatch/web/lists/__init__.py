"""Call lists on the page: uploaded, looked through, given back corrected, made a campaign of."""
