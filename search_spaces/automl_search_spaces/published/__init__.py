"""Landmark networks as their authors published them, at any rank. One file a family."""
