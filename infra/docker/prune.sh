#!/bin/sh
# Leaves of a built checkout what a worker of this machine's kind runs: no development packages, sources, tests, and no
# native code for other systems. In the repository's root, on a copy that is thrown away.
set -eu
[ -n "${TEMPER_PRUNE_ANYWHERE:-}" ] || [ "$PWD" = /temper ] || {
  echo "prune.sh deletes most of the folder it is run in: it is for the image's /temper" >&2
  exit 1
}
npm prune --omit=dev --no-audit --no-fund --ignore-scripts

case "$(uname -m)" in
x86_64) npm_cpu=x64 rust_cpu=x86_64 ;;
aarch64) npm_cpu=arm64 rust_cpu=aarch64 ;;
*)
  echo "no native code for $(uname -m)" >&2
  exit 1
  ;;
esac
find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 3 -type d \
  ! -path "*/linux" ! -path "*/linux/$npm_cpu" -prune -exec rm -rf {} +
for folder in node_modules/@temporalio/core-bridge/releases/*; do
  case "$folder" in *"/$rust_cpu-unknown-linux-gnu") ;; *) rm -rf "$folder" ;; esac
done

rm -rf .git .ci test docs infra/helm infra/compose infra/docker infra/workspace node_modules/.cache node_modules/@temper/test
rm -rf ./libs/*/src ./activities/*/src ./workers/*/src ./workflows/src
find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.tsbuildinfo' \) -delete
