#!/bin/sh
# Runs a program that approves the documented transaction, and compares what it shows.
set -eu
expected="Approve money transaction
Amount
  1000 Euros
To
  John Doe
Destination Account
  29385
Source Account
  98381
Reason
  transfer money
code 57171677
at the bank: done
half a minute later: done
a minute later: no step or counter of the window has this code
with another amount: no step or counter of the window has this code"
shown=$("$@") || {
    echo "$shown"
    exit 1
}
# A microcontroller also says how many bytes of stack it took.
if [ "$(echo "$shown" | grep -v '^stack ')" != "$expected" ]; then
    echo "expected:
$expected
shown:
$shown"
    exit 1
fi
for program; do :; done
echo "$program: the documented transaction has the code 57171677"
echo "$shown" | grep '^stack ' || true
