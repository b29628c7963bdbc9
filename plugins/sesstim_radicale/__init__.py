"""The booking office as Radicale sees it: sign-in, rights, storage and pages as plugins, and its application extended.

`application.create` makes the WSGI application that `sesstim-caldav serve` mounts at `/dav`. The plugins `auth`,
`rights`, `storage` and `web` also work under an unchanged `radicale --config config/radicale.conf`. See
notes/extending-radicale.md.
"""
