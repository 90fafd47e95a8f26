# A Debian system with systemd as its first process, in a container without a network. To be sourced.
# shellcheck shell=bash

container=

# Unpacks a system from the archive into a folder, boots it and waits until it is up.
boot() {
  local archive=$1 folder=$2
  mkdir -p "$folder"
  tar -C "$folder" -xf "$archive"
  setsid systemd-nspawn --quiet --directory="$folder" --register=no --keep-unit --boot \
    --private-network > "$folder.log" 2>&1 < /dev/null &
  container=$!
  for _ in {1..240}; do
    # degraded: a service of Debian's own may dislike the container.
    case $(inside systemctl is-system-running 2> /dev/null) in
      running | degraded)
        inside ip link set lo up
        return
        ;;
    esac
    if ! kill -0 "$container" 2> /dev/null; then break; fi
    sleep 0.5
  done
  tail -n 20 "$folder.log" >&2
  return 1
}

# Runs a command in the container, with nothing of the environment out here.
inside() {
  local leader
  leader=$(cat "/proc/$container/task/$container/children")
  nsenter --target "${leader%% *}" --all \
    env --ignore-environment PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}

shut_down() {
  if [[ -z $container ]]; then return; fi
  inside systemctl poweroff 2> /dev/null || kill -KILL "$container" 2> /dev/null || true
  wait "$container" 2> /dev/null || true
  container=
}
