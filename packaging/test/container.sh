# A Debian system with systemd as its first process, in a container without a network. To be sourced.
# shellcheck shell=bash

# The system, with what people talk with in it.
readonly SYSTEM=target/packaging/system.tar.gz
readonly PACKAGES=systemd,systemd-sysv,dbus,iproute2,curl,python3-websocket

container=

# Makes the system if there is none; prints why it cannot.
make_system() {
  local sources release new=target/packaging/new.tar.gz
  if [[ -e $SYSTEM ]]; then return; fi
  command -v mmdebstrap > /dev/null || { echo 'there is no mmdebstrap'; return 1; }
  release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  sources=$(compgen -G '/etc/apt/sources.list.d/*.sources' | grep -E '/(debian|ubuntu)\.sources$') \
    || sources=/etc/apt/sources.list
  mkdir -p target/packaging
  mmdebstrap --quiet --variant=apt --include="$PACKAGES" "$release" "$new" "$sources" >&2 \
    || { echo 'mmdebstrap cannot make a system'; return 1; }
  mv "$new" "$SYSTEM"
}

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
