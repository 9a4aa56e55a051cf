"""The condition encoder, the denoiser and checkpoints."""
