#!/bin/bash
# Whether the service in this container is ready. The images have no HTTP client; bash can open a connection itself.
exec 3<>"/dev/tcp/127.0.0.1/${LORICA_HTTP_PORT}" || exit 1
printf 'GET /q/health/ready HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
