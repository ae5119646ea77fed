# Starts the app with Docker Compose.
$OdinVersion = "1.9.1"
Write-Host "Installing $OdinVersion"
docker compose up --detach
