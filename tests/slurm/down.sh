#!/usr/bin/env bash
# Ends the private Slurm under a folder: its daemons, its jobs, and whatever of theirs still runs.
folder=${1:?usage: down.sh FOLDER}

for name in slurmctld slurmd munge; do
  [ -f "$folder/$name.pid" ] && kill "$(cat "$folder/$name.pid")" 2>/dev/null
done
for _ in $(seq 20); do
  [ -z "$(ls "$folder"/*.pid 2>/dev/null)" ] && break
  sleep 0.1
done

# Daemons and jobs were started with this cluster's configuration; nothing else bears its name.
for process in $(grep -lF "SLURM_CONF=$folder/slurm.conf" /proc/[0-9]*/environ 2>/dev/null); do
  process=${process//[^0-9]/}
  [ "$process" = $$ ] || [ "$process" = "$PPID" ] || kill -KILL "$process" 2>/dev/null
done
exit 0
