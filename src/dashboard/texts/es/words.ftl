## States of jobs, runs, deliveries, bookings, parts
state-scheduled = programada
state-ready = lista
state-running = en curso
state-succeeded = terminada
state-failed = fallida
state-cancelled = cancelada
state-timed-out = tiempo agotado
state-panicked = se rompió
state-interrupted = interrumpida
state-snoozed = pospuesta
state-released = devuelta
state-fetching = descargando
state-comparing = comparando
state-applying = aplicando
state-braked = frenada
state-completed = completada
state-discarded = descartada
state-pending = pendiente
state-delivered = entregada
state-healthy = sana
state-unhealthy = con problemas
state-unknown = desconocida

## The status of people
status-active = Activo
status-inactive = Inactivo
status-suspended = Suspendido
status-pending = Pendiente
status-banned = Vetado

## What the agenda holds
agenda-ban = Veto
agenda-status-change = Cambio de estado
agenda-leave = Licencia
agenda-job = Tarea
agenda-schedule = Rutina
agenda-expiry = Vencimiento
