# Lo que las personas leen en español. Un mensaje por código, los mismos códigos en todos los archivos.

## Títulos, por estado HTTP
title-400 = Solicitud incorrecta
title-401 = Identifíquese
title-403 = No permitido
title-404 = No encontrado
title-405 = Método no permitido
title-408 = Tiempo agotado
title-409 = Conflicto
title-412 = Modificado entretanto
title-413 = Demasiado grande
title-414 = Dirección demasiado larga
title-415 = Formato no admitido
title-421 = Dirección equivocada
title-422 = Datos no válidos
title-429 = Demasiadas solicitudes
title-431 = Encabezados demasiado grandes
title-500 = Error interno
title-503 = No disponible

## Lo que cualquier ruta puede responder
not_found = { $what ->
    [tenant] No se encontró la organización.
    [user] No se encontró el usuario.
    [plan] No se encontró el cambio programado.
    [job] No se encontró la tarea.
    [batch] No se encontró el lote de tareas.
    [event] No se encontró el evento.
    [token] No se encontró el token.
    [queue] No se encontró la cola.
    [schedule] No se encontró la programación.
    [consumer] No se encontró el consumidor.
    [scheduled_ban] El usuario no tiene ningún baneo programado.
    [scheduled_status] El usuario no tiene ningún cambio de estado programado.
    [booking] No se encontró la reserva.
    [waitlist-entry] No se encontró ese lugar en la lista de espera.
    [calendar] No se encontró el calendario.
    [leave] No se encontró la ausencia.
    [category] No se encontró la categoría.
    [resource] No se encontró el recurso.
    [webhook] No se encontró el webhook.
    [delivery] No se encontró la entrega.
    [sync] No se encontró la sincronización.
    [instance] No se encontró la instancia.
   *[other] No se encontró el registro.
}
validation_failed = { $count ->
    [one] Hay un campo no válido.
   *[other] Hay { $count } campos no válidos.
}
forbidden = Su acceso no permite esta operación.
operators_only = Solo el operador puede iniciar tareas de este tipo.
stale_version = El registro cambió desde que lo leyó. Vuelva a leerlo y repita el cambio.
busy = El servicio está ocupado en este momento. Inténtelo de nuevo en unos instantes.
storage_full = No queda espacio en disco y no se puede guardar nada. Las consultas siguen funcionando.
upstream_failed = Un servicio externo no respondió. Inténtelo de nuevo más tarde.
internal = Algo falló de nuestro lado. Indique el trace_id al reportar el problema.
bad_host = La solicitud debe indicar exactamente un host válido.
unknown_host = Este servicio no responde por ese nombre de host.
unknown_route = No hay nada en esta dirección.
method_not_allowed = { $method } no se puede usar en esta dirección.
token_required = Envíe un token de acceso en el encabezado Authorization.
bad_token = El token de acceso no es válido: es incorrecto, venció o fue revocado.
too_many_requests = Demasiadas solicitudes. Espere un poco antes de volver a intentarlo.
uri_too_long = La dirección tiene más de { $limit } bytes.
headers_too_large = Los encabezados de la solicitud son demasiado grandes o numerosos.
ambiguous_header = El encabezado { $header } solo puede aparecer una vez y sin contradicción.
body_too_large = El cuerpo tiene más de { $limit } bytes.
body_too_slow = El cuerpo tardó demasiado en llegar.
body_cut_off = El cuerpo terminó antes de estar completo.
not_json = Envíe el cuerpo como application/json en UTF-8.
malformed_json = El cuerpo no es JSON válido (línea { $line }, columna { $column }).
json_too_deep = El cuerpo tiene más de { $limit } niveles de anidamiento.
repeated_key = El cuerpo tiene la clave «{ $key }» dos veces en el mismo objeto.
bad_idempotency_key = Idempotency-Key debe venir una sola vez, con 1 a 255 caracteres ASCII visibles.
idempotency_key_reused = Esta Idempotency-Key ya se usó con otros datos.
request_in_flight = La primera solicitud con esta Idempotency-Key todavía está en curso.
already_banned = El usuario ya está baneado.
user_not_active = Una ausencia que empieza hoy requiere un usuario activo, y este no lo está.
too_many_leaves = El usuario ya tiene el máximo de ausencias programadas.
leave_over = La ausencia ya terminó.
domain_taken = Este dominio ya pertenece a otra organización.
email_taken = Este correo ya pertenece a otro usuario de la organización.
id_wispro_taken = Este id de Wispro ya pertenece a otro usuario de la organización.
category_in_use = { $count ->
    [one] Hay un recurso en esta categoría. Cámbielo de categoría o elimínelo antes.
   *[other] Hay { $count } recursos en esta categoría. Cámbielos de categoría o elimínelos antes.
}

## Lo que puede estar mal en un campo
field-required = Obligatorio.
field-unknown_field = Campo desconocido.
field-unknown_parameter = Parámetro desconocido.
field-repeated_parameter = Se indicó más de una vez.
field-encoding = No es UTF-8 válido.
field-type = { $expected ->
    [string] Debe ser un texto.
    [integer] Debe ser un número entero.
    [number] Debe ser un número.
    [boolean] Debe ser true o false.
    [array] Debe ser una lista.
    [object] Debe ser un objeto.
   *[other] Debe ser de tipo { $expected }.
}
field-empty = No puede quedar vacío.
field-too_short = Debe tener al menos { $limit } caracteres.
field-too_long = Debe tener como máximo { $limit } caracteres.
field-too_few = Debe tener al menos { $limit } elementos.
field-too_many = Debe tener como máximo { $limit } elementos.
field-minimum = Debe ser { $limit } o más.
field-maximum = Debe ser { $limit } o menos.
field-above = Debe ser mayor que { $limit }.
field-below = Debe ser menor que { $limit }.
field-multiple_of = Debe ser múltiplo de { $step }.
field-enum = Debe ser uno de estos valores: { $options }.
field-pattern = No tiene la forma esperada.
field-format = { $format ->
    [email] Debe ser una dirección de correo electrónico.
    [uuid] Debe ser un identificador (UUID).
    [date] Debe ser una fecha como 2025-12-05.
    [date-time] Debe ser fecha y hora, como 2025-12-05T14:00:00Z.
    [uri] Debe ser una dirección web.
    [line] No puede tener caracteres de control ni espacios en los extremos.
    [text] No puede tener caracteres de control.
    [time-of-day] Debe ser una hora como 08:00.
    [timezone] Debe ser una zona horaria como America/Caracas.
    [name] No puede quedar en blanco ni tener caracteres de control.
    [domain] Debe ser un dominio como academia-fit.com.
    [web-address] Debe ser una dirección web que empiece por http:// o https://.
    [color] Debe ser un color como #FF5722.
    [language] Debe ser un idioma como pt-BR, es o en.
    [moment] Debe ser una fecha o una fecha y hora, como 2025-12-05 o 2025-12-05T14:00.
   *[other] No tiene el formato esperado ({ $format }).
}
field-repeated_item = No puede tener el mismo elemento dos veces.
field-member_name = Tiene un miembro con un nombre no permitido.
field-no_match = No corresponde a ninguna de las formas aceptadas.
field-invalid = Valor no válido.
field-read_only = No se puede modificar.
field-range = Debe estar entre { $min } y { $max }.
field-cursor = No es un cursor de esta lista.
field-before_registration = El usuario aún no estaba registrado en ese momento.
field-not_after_start = El final debe ser posterior al inicio.
field-overlapping_window = Se superpone con otro horario del mismo día o con el que viene del día anterior.

## Tareas y colas
job_exists = Otra tarea con la misma unique_key sigue activa.
job_is_live = La tarea todavía no terminó; no hay nada que reintentar.
job_has_ended = La tarea ya terminó.
job_is_not_scheduled = La tarea no está esperando su hora.
field-unknown_kind = No existe ese tipo de tarea.
field-unknown_queue = No existe esa cola.
field-batch_size = Un lote tiene de 1 a 1000 tareas.
field-repeated_key = Una tarea anterior del lote tiene la misma clave.
field-job_state_live = Solo se pueden descartar tareas que ya terminaron.
field-too_many_bytes = Puede ocupar como máximo { $limit } bytes.

## Eventos
field-out_of_range = Debe ser el número de un evento del registro, o el siguiente.

## Inicio de sesión
bad_credentials = El correo o la contraseña no son correctos. Si varias organizaciones conocen ese correo, indique la suya con tenant_id o domain.
account_not_active = Esta cuenta no puede iniciar sesión en este momento. Consulte con quien la administra.
bad_refresh_token = El token de renovación no es válido: es incorrecto, venció o ya se usó. Inicie sesión de nuevo.
bad_invite = La invitación no es válida: es incorrecta, venció o ya se usó. Pida una nueva.
too_many_attempts = Demasiados intentos. Espere un momento antes de volver a intentarlo.
password_change_required = Primero elija una contraseña nueva; hasta entonces no se puede hacer nada más.
not_yourself = Nadie puede hacerse esto a sí mismo. Pídaselo a otro administrador.
last_admin = Es el último administrador activo de la organización. Nombre antes a otro.
field-wrong_password = No es la contraseña actual.
field-same_password = Debe ser distinta de la contraseña actual.
field-too_common = Es una de las contraseñas que todos prueban primero.
field-either_password = Envíe password o password_hash, no ambos.
field-unknown_hash = Debe ser un hash bcrypt o argon2 de costo razonable.

## Tokens
last_operator_token = Este es el último token de operador válido. Cree otro antes de revocarlo.
field-reserved = Este nombre está reservado para el propio servicio.
field-unknown_scope = Alcance desconocido. Use algo como jobs:read, folders:* o *.
field-operator_may_all = Un token de operador puede hacer todo; omita este campo.
field-not_in_the_future = Debe estar en el futuro.
field-in_the_past = No puede estar en el pasado.
field-nonexistent_local_time = Esta hora local no existe: el cambio de hora se la salta.
field-offset_required = Falta la diferencia con UTC, como en 2025-12-05T14:00:00-03:00.

## Reservas
conflict = El recurso ya tiene una reserva en este intervalo
resource_inactive = { $resource }: no acepta reservas por ahora.
user_not_allowed = { $user }: no puede hacer reservas por ahora.
in_the_past = No se puede reservar un horario que ya pasó. { $detail }
min_notice = Hay que reservar con más anticipación. { $detail }
beyond_advance_window = Todavía no se puede reservar con tanta anticipación. { $detail }
duration_not_multiple = Esa duración no está permitida. { $detail }
not_aligned = El inicio no coincide con la grilla de horarios. { $detail }
outside_working_hours = Está fuera del horario de atención. { $detail }
closed = Ese día no hay atención. { $detail }
resource_unavailable = { $resource }: está fuera de los horarios disponibles. { $detail }
cancellation_window_passed = { $hours ->
    [one] Solo se puede cancelar hasta una hora antes del inicio.
   *[other] Solo se puede cancelar hasta { $hours } horas antes del inicio.
}
booking_closed = Esta reserva ya no se puede cambiar (estado: { $status }).
status_not_reachable = Una reserva no pasa de { $from } a { $to }.
hold_expired = El tiempo de esta prerreserva se acabó. Reserve de nuevo.
place_is_free = Este horario está libre: haga la reserva en lugar de esperar.
too_many_webhooks = Esta organización ya tiene { $limit } webhooks, el máximo: elimine uno primero.
webhook_inactive = Este webhook está desactivado: actívelo primero.
event_gone = Este evento ya no se conserva.
already_waiting = Esta persona ya espera este horario.
waitlist_full = La lista de espera de este recurso está llena.
not_waiting = Este lugar ya no está en espera.
consumer_exists = Ya existe un consumidor con este nombre.
too_many_consumers = Ya hay { $max } consumidores y no puede haber más.
consumer_detached = Este consumidor se quedó demasiado atrás y ya no se le atiende. Una repetición lo vuelve a conectar.
too_many_streams = Hay demasiadas transmisiones abiertas. Inténtelo de nuevo en un momento.
label-resource = El recurso
label-booking = La reserva
label-user = El usuario
booking-status-reservado = Prerreserva
booking-status-pendente = Por confirmar
booking-status-confirmado = Confirmada y vigente
booking-status-expirado = Vencida
booking-status-rejeitado = Rechazada
booking-status-cancelado = Anulada
booking-status-concluido = Realizada
booking-status-nao-compareceu = No asistió
detail-now = Ahora son las { $now }.
detail-notice = Anticipación mínima: { $minutes } min; el primer inicio posible es { $earliest }.
detail-advance = Hasta { $days } días por adelantado; el último inicio posible es { $latest }.
detail-multiple = Dura { $minutes } min; tiene que ser múltiplo de { $interval } min.
detail-too-long = Una reserva dura { $hours } horas como máximo.
detail-grid = Cada { $interval } min desde las { $opening }.
detail-grid-before = Cada { $interval } min desde las { $opening }; el inicio anterior es { $before }.
detail-grid-after = Cada { $interval } min desde las { $opening }; el próximo inicio es { $after }.
detail-grid-both = Cada { $interval } min desde las { $opening }; los más cercanos son { $before } y { $after }.
detail-hours = Horario del { $date }: { $hours }.
detail-day-off = El { $date } no hay horarios.
detail-closure = Cerrado el { $date }.
detail-closure-why = Cerrado el { $date }: { $reason }.
detail-seats = { $seats ->
    [one] Un cupo; ocupados en el momento más lleno ({ $at }): { $peak }.
   *[other] { $seats } cupos; ocupados en el momento más lleno ({ $at }): { $peak }.
}
field-either_pattern = Envíe recurring_pattern o rrule, no ambos.
field-either_range = Envíe date, o bien from y to, no ambos.
field-range_too_long = El período tiene { $max } días como máximo.
field-too_large = Puede ocupar { $max } bytes como máximo.
field-not_on_series = Una serie no puede ser una prerreserva.
field-unknown_weekday = Los días de la semana van de 0 (lunes) a 6 (domingo).
field-weekdays_with_monthly = Solo una serie semanal tiene días de la semana.
field-unsupported_rrule = Esta parte de la regla no se acepta: { $part }.
field-malformed_rrule = No es una regla de la RFC 5545: { $part }.
field-count_and_until = Una regla tiene COUNT o UNTIL, no ambos.
field-too_many_occurrences = Una serie tiene { $most } ocurrencias como máximo.
field-series_too_far = Una serie termina dentro de { $days } días como máximo.
field-start_not_in_pattern = El inicio no forma parte de su propia regla.
field-end_before_start = Termina antes de empezar.
field-no_occurrences = No queda ninguna ocurrencia.
field-webhook_url = No es una URL: escríbala completa, como https://example.com/ruta.
field-webhook_scheme = Debe comenzar con https://.
field-webhook_userinfo = No puede llevar usuario ni contraseña: use el secreto.
field-webhook_fragment = No puede llevar una parte con #, que nunca se envía.
field-webhook_host = Debe apuntar a un servidor de la internet pública.
field-webhook_port = El puerto debe ser uno de estos: { $ports }.
field-webhook_event = No existe el evento { $event }: indique un tipo, todos los de un sustantivo (booking.*), o *.
field-webhook_secret = Lleva de 8 a 256 caracteres; después de whsec_ va el base64 de 24 a 64 bytes.
field-instance_url = Debe ser una dirección http o https sin usuario ni contraseña.
field-host_key = Debe ser la clave del servidor como línea de OpenSSH, por ejemplo «ssh-ed25519 AAAA…».
field-private_key = Debe ser una clave privada Ed25519 o ECDSA, con su frase de paso si está cifrada.
field-secret_reference = Debe ser un texto o nombrar una credencial, un archivo con su ruta completa o una variable de entorno.
field-unknown_tenant = No existe esa organización.

## Estado de usuario
status-INACTIVE = Inactivo
status-ACTIVE = Activo
status-SUSPENDED = Suspendido
status-PENDING = Pendiente
status-BANNED = Baneado

## Notices
first_password_title = Tu primera contraseña
first_password_ask = La contraseña se muestra una sola vez. Pulsa el botón cuando puedas anotarla o usarla.
first_password_show = Mostrar la contraseña
first_password_is = Esta es tu cuenta. La contraseña no volverá a mostrarse: cámbiala después de iniciar sesión.
first_password_address = Dirección
first_password_account = Usuario
first_password_password = Contraseña
first_password_gone = Este enlace ya se usó o dejó de ser válido. Pide uno nuevo, o usa «¿Olvidaste tu contraseña?» al iniciar sesión.
invitation_title = Elige tu contraseña
invitation_ask = { $tenant } te invita. Elige la contraseña con la que vas a entrar.
invitation_email = Tu correo
invitation_password = Contraseña
invitation_again = La misma contraseña otra vez
invitation_rules = Al menos { $limit } caracteres. Una frase corta y propia es fácil de recordar y difícil de adivinar; las contraseñas que todos prueban primero se rechazan.
invitation_do = Guardar la contraseña
invitation_differ = Las dos contraseñas no son iguales.
invitation_done = Tu contraseña está guardada. Entra con { $email } y esta contraseña.
invitation_set = Tu contraseña está guardada. Ya puedes entrar con ella.
invitation_gone = Este enlace ya se usó o ya no es válido. Pide una nueva invitación.
opt_out_title = Avisos por correo
opt_out_ask = ¿Quieres dejar de recibir { $kind ->
    [booking_made] avisos de nuevas reservas
    [booking_confirmed] confirmaciones
    [booking_rejected] avisos de solicitudes no aceptadas
    [booking_changed] avisos de cambios
    [booking_cancelled] avisos de cancelación
    [booking_reminder] recordatorios
    [booking_offered] avisos de lugares que se liberan
    [account_banned] avisos de cuenta bloqueada
    [account_suspended] avisos de cuenta suspendida
    [account_active] avisos de cuenta reactivada
    [account_ready] avisos de cuentas nuevas
    [account_invited] invitaciones para elegir una contraseña
   *[other] avisos de este tipo
}?
opt_out_do = No recibir más
opt_out_done = Listo: ya no recibirás { $kind ->
    [booking_made] avisos de nuevas reservas
    [booking_confirmed] confirmaciones
    [booking_rejected] avisos de solicitudes no aceptadas
    [booking_changed] avisos de cambios
    [booking_cancelled] avisos de cancelación
    [booking_reminder] recordatorios
    [booking_offered] avisos de lugares que se liberan
    [account_banned] avisos de cuenta bloqueada
    [account_suspended] avisos de cuenta suspendida
    [account_active] avisos de cuenta reactivada
    [account_ready] avisos de cuentas nuevas
    [account_invited] invitaciones para elegir una contraseña
   *[other] avisos de este tipo
}.
opt_out_undo = Quiero recibirlos de nuevo
opt_out_gone = Este enlace ya no es válido. Usa el de un mensaje más reciente.
unwritable = No se puede escribir el texto: { $error }
unknown_notice = No hay ningún texto con este nombre.
unknown_language = Elige pt-BR, es o en.

## Wispro
sync_started = Sincronización iniciada en segundo plano. Revisa los logs para ver el progreso.
sync_running = Ya hay una sincronización en cola, en curso o a la espera de una decisión; job_id dice cuál.
sync_not_braked = Esta sincronización no espera ninguna decisión.
invitations_off = Todavía no hay cómo enviarla: configure [notifications] public_url (o invite_url, para una página propia) y un servidor de correo o gateway, o entregue usted el url de POST /users/ID/invite.
sandbox_records = Hay registros creados con el sandbox; elimínelos con zelador sandbox purge antes de usar el sistema real.
concern_off = Esta integración está desactivada en la configuración.
instance_name_taken = Otra instancia ya tiene este nombre.
too_many_instances = Ya hay tantas instancias como admite el conjunto.
instance_in_use = { $count ->
    [one] Hay una cuenta en esta instancia. Muévala o elimínela primero.
   *[other] Hay { $count } cuentas en esta instancia. Muévalas o elimínelas primero.
}
sandbox_only = Esta instancia es un servidor real y el servicio está en modo de prueba. Ponga mode en live para usarla.
account_active = El usuario ya tiene una cuenta de Nextcloud que funciona.
no_account_to_move = El usuario no tiene una cuenta de Nextcloud que se pueda mover.
account_there_already = La cuenta ya está en esta instancia.
no_first_password = No hay una primera contraseña que entregar: la cuenta no está activa o la contraseña ya se mostró.
