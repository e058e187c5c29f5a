"""Named peers that do the same work, to be measured beside in the same run."""
