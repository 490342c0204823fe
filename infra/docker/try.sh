#!/bin/bash
# Does what infra/docker/Dockerfile does for its `cpu` target without Docker, in a folder: a root of Debian's, the build, the
# pruning, and a worker that completes a run in it as user 10001 with a read-only root. Prints the image's size.
#   sudo infra/docker/try.sh FOLDER        (debootstrap, Node and npm on PATH, a built checkout; DEBIAN_MIRROR names a mirror)
# Says with what it ended; the folder is left for a look, and removed by the next call.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
folder="$(mkdir -p "$1" && cd "$1" && pwd)"
image="$folder/image"
build="$folder/build"
[ "$(id -u)" = 0 ] || { echo 'chroot and mounts need root' >&2; exit 1; }
rm -rf "$image" "$build" "$folder/work"

say() { printf '== %s\n' "$*"; }

say 'FROM node:bookworm-slim, with the packages of the cpu target'
debootstrap --variant=minbase --include=ca-certificates,python3,python3-pip bookworm "$image" ${DEBIAN_MIRROR:-} >"$folder/debootstrap.log"
install -D -m 0755 "$(readlink -f "$(command -v node)")" "$image/usr/local/bin/node"
rm -rf "$image"/var/cache/apt/* "$image"/var/lib/apt/lists/*
chroot "$image" useradd --uid 10001 --no-create-home --home-dir /var/lib/temper temper
install -d -o 10001 -g 10001 -m 0700 "$image/var/lib/temper"

say 'COPY . . && npm ci && npm run build && prune.sh'
mkdir -p "$build"
git -C "$here" ls-files -z | tar -C "$here" --null -T - -cf - | tar -C "$build" -xf -
(cd "$build" && npm ci --ignore-scripts --no-audit --no-fund && npm run build) >"$folder/build.log" 2>&1
(cd "$build" && TEMPER_PRUNE_ANYWHERE=1 sh infra/docker/prune.sh) >>"$folder/build.log" 2>&1
# Links between packages are relative, so the folder may move.
mv "$build" "$image/temper"
say "size: $(du -sm "$image" | cut -f1) MB ($(du -sm "$image/temper" | cut -f1) MB of it Temper)"

say 'a run, with a worker in there'
mkdir -p "$folder/work"
cd "$folder/work"
temper() { node "$here/libs/cli/bin/temper.js" "$@"; }
node --input-type=module -e "
  import { writeTinyBert, writeCsv, sentences } from '$here/test/dist/cli/tiny-classifier.js';
  await writeTinyBert('model');
  await writeCsv('train.csv', sentences(300));"
cat >spec.yaml <<END
name: image
model: { base: model }
dataset: { train: train.csv }
tokenize: { maxLength: 32 }
method: { type: full }
training: { maxSteps: 60, learningRate: 0.001, trainBatchSize: 8, evalStrategy: 'no' }
END
temper up --detach --no-worker >"$folder/up.log" 2>&1
trap 'kill "${worker:-}" 2>/dev/null || true; wait "${worker:-}" 2>/dev/null || true; temper down >/dev/null 2>&1 || true' EXIT
settings="$(node --input-type=module -e "
  import { runningServices } from '$here/libs/services/dist/index.js';
  const { TEMPER_HOME, ...env } = (await runningServices({ folder: '.temper' })).env;
  for (const [name, value] of Object.entries(env)) console.log(name + '=' + value);")"
# The root is read-only but for what the image declares as a volume, and /tmp.
env -i PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production TEMPER_HOME=/var/lib/temper TEMPER_CACHE=/var/lib/temper/fetched $settings \
  unshare --mount -- bash -euc "
    mount --bind '$image' '$image' && mount -o remount,ro,bind '$image'
    mount -t tmpfs -o uid=10001,gid=10001,mode=0700 tmpfs '$image/var/lib/temper' && mount -t tmpfs tmpfs '$image/tmp'
    mount -t proc proc '$image/proc' && mount --rbind /dev '$image/dev'
    exec chroot --userspec=10001:10001 '$image' node /temper/node_modules/@temper/worker-cpu/dist/main.js" >"$folder/worker.log" 2>&1 &
worker=$!
env $settings node "$here/libs/cli/bin/temper.js" run spec.yaml 2>&1 | tail -n 4
say 'done'
