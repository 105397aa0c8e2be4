#!/bin/bash
# Whether the service in this container is ready. The images have no HTTP client; bash can open a connection itself.
# The gateway says so on a port of its own.
{ exec 3<>"/dev/tcp/127.0.0.1/${LORICA_MANAGEMENT_PORT:-8089}"; } 2>/dev/null \
  || exec 3<>"/dev/tcp/127.0.0.1/${LORICA_HTTP_PORT}" || exit 1
printf 'GET /q/health/ready HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
