#!/bin/sh
# Starts the app with Docker Compose.
set -eu
ODIN_VERSION="1.9.2"
echo "Installing $ODIN_VERSION"
docker compose up --detach
