## People
user = Persona
user-find = Nombre o correo
user-name = Nombre
user-phone = Teléfono
user-status = Estado
user-since = desde
user-planned = Planeado
user-created = Registro
user-plans = Cambios planeados
user-plans-empty = Nada planeado para esta persona.
user-timeline = Historia
user-timeline-empty = Todavía no pasó nada.
users-none = Todavía nadie. Registre a alguien con POST /users, o sincronice con Wispro.
users-empty = Nadie con este filtro.
plan-cancel = Anular
plan-cancel-named = Anular lo planeado: { $value }
plan-cancelled = Lo que estaba planeado quedó anulado.
leave-over = terminó el
ban-title = Planear un veto
ban-date = Cuándo
ban-reason = Motivo
ban-try = Ver qué pasaría
ban-would = Qué pasaría
ban-do = Planear el veto
ban-done = El veto está planeado.
unban-title = Esta persona está vetada
unban-do = Reactivar
status-done = El estado ahora es: { $value }.
would-sessions = { $count ->
    [0] Ninguna sesión se cerraría
    [one] 1 sesión se cerraría
   *[other] { $count } sesiones se cerrarían
}
would-bookings = { $count ->
    [0] Ninguna reserva se cancelaría
    [one] 1 reserva se cancelaría
   *[other] { $count } reservas se cancelarían
}
plan-ban = Veto planeado
plan-change = Cambio planeado
plan-leave = Licencia
plan-state-replaced = se reemplazaría
plan-state-cancelled = se anularía
action-revoke-sessions = Se cierran las sesiones
action-cancel-bookings = Se cancelan las reservas futuras
action-disable-nextcloud = Se desactiva la cuenta de Nextcloud

## The calendar
calendar-date = Día
calendar-view = Vista
calendar-day = Día, todos los recursos
calendar-week = Semana, un recurso
calendar-show = Mostrar
calendar-before = ← Antes
calendar-after = Después →
calendar-closed = Cerrado: ningún horario en este período.
calendar-free = Libre a las { $value }: ver y reservar
calendar-more = { $count ->
    [one] Hay 1 recurso más: elíjalo arriba.
   *[other] Hay { $count } recursos más: elija uno arriba.
}
resource = Recurso
weekday-0 = lun
weekday-1 = mar
weekday-2 = mié
weekday-3 = jue
weekday-4 = vie
weekday-5 = sáb
weekday-6 = dom
explain-title = ¿Se puede reservar?
explain-yes = Se puede reservar
explain-no = No se puede reservar
explain-nearest = Libre cerca de esa hora
explain-none = Nada libre cerca.
explain-ask = Preguntar de otro modo
explain-length = Duración
explain-anybody = cualquiera que pueda
explain-check = Comprobar
book-title = Reservar
book-for = Para quién
book-notes = Notas
book-do = Reservar
book-done = Reservado: { $value }.
booking-zone = Zona horaria
booking-for = Para
booking-by = Reservado por
booking-series = Serie
booking-cancelled-at = Cancelada
booking-confirm = Confirmar
booking-cancel = Cancelar la reserva
booking-reason = Motivo
booking-scope = Cuáles
scope-this = solo esta
scope-following = esta y las siguientes
scope-all = toda la serie
booking-cancelled = La reserva se canceló.
booking-changed = La reserva cambió.

## Rules of a booking
rule-resource-inactive = Recurso inactivo
rule-user-not-allowed = Persona sin permiso
rule-in-the-past = Ya pasó
rule-min-notice = Muy poca antelación
rule-beyond-advance-window = Demasiado lejos en el futuro
rule-duration-not-multiple = Duración fuera del intervalo
rule-not-aligned = Inicio fuera de la grilla
rule-outside-working-hours = Fuera del horario
rule-closed = Cerrado
rule-resource-unavailable = Recurso no disponible
rule-conflict = Ocupado

## The same rules, where they are kept
kept-resource-inactive = El recurso está activo
kept-user-not-allowed = La persona puede reservar
kept-in-the-past = Todavía no pasó
kept-min-notice = Antelación suficiente
kept-beyond-advance-window = Dentro del plazo
kept-duration-not-multiple = Duración correcta
kept-not-aligned = Inicio en la grilla
kept-outside-working-hours = Dentro del horario
kept-closed = No está cerrado
kept-resource-unavailable = El recurso está disponible
kept-conflict = Hay lugar
calendar-legend-free = + libre: ver las reglas y reservar
calendar-legend-shut = no se puede reservar: pasó, cerrado o demasiado tarde
