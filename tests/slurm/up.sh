#!/usr/bin/env bash
# A private Slurm of one node on this machine, for the suite `slurm`: own munge, own ports, everything under one folder.
# Needs root, and Debian's slurmctld, slurmd, slurm-client and munge. Ends by itself when the owner process does.
set -euo pipefail
folder=${1:?usage: up.sh FOLDER OWNER-PID CONTROL-PORT NODE-PORT CPUS}
owner=$2 control=$3 node=$4 cpus=$5
here=$(cd "$(dirname "$0")" && pwd)
host=$(hostname -s)

mkdir -p "$folder"/{state,spool,munge}
chmod 755 "$folder" "$folder/munge"

# The cluster ends with whoever asked for it, however that ends.
(
  trap '' INT TERM
  while kill -0 "$owner" 2>/dev/null && [ -d "$folder" ]; do sleep 0.5; done
  exec bash "$here/down.sh" "$folder"
) </dev/null >/dev/null 2>&1 &

head -c 128 /dev/urandom >"$folder/munge/key"
chmod 600 "$folder/munge/key"
munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge.pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"

cat >"$folder/slurm.conf" <<CONF
ClusterName=asymscale
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$control
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge/socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
# A container has no control groups to give: processes are followed by their parents.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
# More processors than the machine has are all right: the suite watches order, not speed.
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=600
MailProg=/bin/true
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$node CPUs=$cpus RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=n1 Default=YES MaxTime=INFINITE State=UP
CONF
# Versions before 23.11 do not know how to go without.
case $(slurmd -V) in
  *\ 2[0-2].* | *\ 23.02*) echo "CgroupPlugin=cgroup/v1" ;;
  *) echo "CgroupPlugin=disabled" ;;
esac >"$folder/cgroup.conf"

export SLURM_CONF="$folder/slurm.conf"
slurmctld -c
slurmd -N n1
for _ in $(seq 200); do
  if [ "$(sinfo --noheader --states=idle --format=%N 2>/dev/null)" = n1 ]; then
    exit 0
  fi
  sleep 0.1
done
echo "the node did not come up" >&2
tail -n 20 "$folder"/*.log >&2
exit 1
