#!/usr/bin/env bash
# Installs the Debian packages that some tests need. Run as root, or with sudo.
#   chromium: its SwiftShader driver is the software Vulkan device on which the WebGPU pool is tested.
#   prometheus: its promtool checks what workers serve, the alert rules and the scrape configuration.
set -euo pipefail
packages=(chromium prometheus)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "already installed: ${packages[*]}"
  exit 0
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
