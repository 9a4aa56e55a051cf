"""What is read off a unitary or a state: invariants, spectra, entanglement and lower bounds."""
