## Events
event = Evento
event-type = Tipo
events-empty = Ningún evento con este filtro, entre los más recientes.
consumers = Lectores
consumer = Lector
consumer-cursor = Posición
consumer-lag = Atraso
consumer-parked = Apartados
consumer-external = de un programa
consumer-detached = desconectado
consumer-detached-hint = Se atrasó demasiado y ya no se atiende. Repita desde un evento para reconectarlo.
parked-empty = Nada fue apartado.
parked-retry = Entregar todos de nuevo
parked-handled = { $count ->
    [one] 1 entregado.
   *[other] { $count } entregados.
}
parked-failed = { $count ->
    [0] Ninguno falló.
    [one] 1 volvió a fallar.
   *[other] { $count } volvieron a fallar.
}
parked-discard = Olvidar
parked-discard-named = Olvidar el evento { $value }
parked-discarded = El evento se olvidó: nadie lo procesará.
replay = Repetir
replay-from = Desde el evento
replay-done = Todo desde el evento { $count } se procesará de nuevo.

## Webhooks
webhooks-empty = Ningún webhook. Cree uno con POST /tenants/…/webhooks.
webhook-url = Dirección
webhook-events = Eventos
webhook-last = Última entrega
webhook-signed = Firmado
webhook-on = activo
webhook-off = desactivado
webhook-failing = fallando
webhook-failing-since = Solo fallos desde
webhook-disabled = Desactivado por el servicio el
webhook-test = Enviar una prueba
webhook-test-done = Un evento de prueba está en camino.
webhook-replay = Reenviar lo que pudo faltar
webhook-replay-done = { $count ->
    [0] No faltó nada.
    [one] 1 evento va de nuevo.
   *[other] { $count } eventos van de nuevo.
}
webhook-switch-on = Activar
webhook-switch-off = Desactivar
webhook-on-done = El webhook está activo.
webhook-off-done = El webhook está desactivado.
deliveries = Entregas
deliveries-empty = Ninguna entrega con este filtro.
delivery-answer = Respuesta
delivery-next = de nuevo el
delivery-said = Lo que respondió
redeliver = Reenviar
redeliver-named = Reenviar { $value }
redeliver-done = El evento va de nuevo.

## The Wispro sync
sync-run = Sincronización
sync-none-hint = Empiece con un ensayo: nada cambia, y el informe dice qué cambiaría.
sync-pages = Páginas como máximo (0: todas)
sync-try = Ensayar
sync-start = Sincronizar ahora
sync-dry = ensayo
sync-dry-hint = Ensayo: nada cambió; los números dicen qué cambiaría.
sync-sandbox = Los clientes vienen de la imitación, no de Wispro.
sync-created = Creados
sync-updated = Actualizados
sync-unchanged = Sin cambios
sync-skipped = Omitidos
sync-errors = Errores
sync-seen = Clientes vistos
sync-page = página
sync-would = por hacer: { $count }
sync-report = Informe
sync-lines = Sobre los clientes
sync-lines-empty = Nada que decir de ningún cliente.
sync-client = Cliente
sync-said = Qué
sync-brake = Freno
sync-limit = límite
brake-fewer-than-promised = Menos clientes de los que Wispro dice tener
brake-too-many-changed = Demasiados cambios de una vez
brake-too-many-created = Demasiadas personas nuevas de una vez
sync-brake-hint = La sincronización paró antes de cambiar nada y espera una decisión.
sync-approve = Dejar seguir
sync-discard = Descartar
sync-approved = Alguien la dejó seguir.
sync-approve-done = La sincronización sigue.
sync-discard-done = La sincronización se descartó; nada cambió.

## The pool
pool-empty = Ninguna instancia. Registre una con POST /admin/instances.
pool-accounts = cuentas
pool-counted = { $count } según el servidor
pool-looked = vista el
pool-check = Comprobar ahora
pool-check-named = Comprobar ahora: { $value }
pool-checked = La instancia está: { $value }.
pool-retry = Reintentar las cuentas fallidas
pool-requeued = { $count ->
    [0] Ninguna cuenta fallida.
    [one] 1 cuenta se intentará de nuevo.
   *[other] { $count } cuentas se intentarán de nuevo.
}
pool-maintenance = en mantenimiento
pool-disabled = desactivada
pool-breaker = no se consulta

## Folders
folders-of = Carpetas de { $value }
folders-none = Aún no hay carpetas. Se crean en la página de una persona o con zelador folders create.
folders-empty = Ninguna carpeta con este filtro.
folders-provider = Creadas por
folders-share = Compartida con
folders-nobody = nadie
folders-noticed = Archivos detectados por
folders-until = hasta
folders-channel = Canal
folders-stand-in = imitación
folders-sandbox = Están en la imitación, no en Google Drive.
folders-vm = En la VM
folders-open = Abrir en Google Drive
folders-ready-at = Listas desde
folders-create = Crear las carpetas
folders-create-done = Las carpetas se están creando.
folders-recreate = Crear lo que falta
folders-recreate-done = Se revisa cada carpeta y se crea la que falta.
folders-process = Buscar archivos ahora
folders-process-done = Se están buscando archivos.
folder-none = ninguna
folder-pending = solicitadas
folder-creating = en creación
folder-ready = listas
folder-failed = fallidas
provider-native = zelador
provider-script = programa propio
watch-push = aviso
watch-poll = consulta periódica
watch-watch = observación
files = Archivos
files-empty = Todavía no ha llegado ningún archivo a la carpeta novos.
file-name = Archivo
file-source = Llegó por
file-to = Destino
file-seen-at = Visto
file-seen = visto
file-waiting = en espera
file-processing = en proceso
file-moved = movido
file-failed = fallido
file-note = Una nota junto al archivo dice el porqué.
side-drive = Google Drive
side-vm = VM

## What comes next
agenda-kind = Qué
agenda-empty = Nada planeado con este filtro en la próxima semana.
schedules = Rutinas
schedules-empty = Ninguna rutina. Van en [schedules] del config.toml.
schedule-name = Nombre
schedule-when = Cuándo
schedule-next = Próxima vez
schedule-last = Última vez
schedule-started = La rutina empezó.
schedule-run-named = Empezar ya: { $value }

## The audit
audit-action = Acción
audit-record = Registro
audit-record-id = Id del registro
audit-user-id = Persona (id)
audit-by = Por
audit-change = Cambio
audit-members = { $count ->
    [0] sin cambios
    [one] 1 campo
   *[other] { $count } campos
}
audit-empty = Nada registrado con este filtro.
by-operator = operador
by-service = servicio
by-user = persona
by-job = tarea

## The configuration
config-good = El archivo de configuración está en vigor.
config-restart = Cambiaron en el archivo y rigen solo tras reiniciar:
config-generation = { $count ->
    [one] Primera configuración desde el inicio
   *[other] Configuración número { $count } desde el inicio
}
config-loaded = en vigor desde
config-hint = Se cambia el archivo; un cambio válido entra en vigor en dos segundos. Los secretos aparecen como ***.
pool-latency = responde en { $count } ms
method-api = por su API
method-ssh = por SSH
config-keys = { $count ->
    [one] 1 clave
   *[other] { $count } claves
}
line-no-id = fila sin id
line-no-number = sin cédula
line-duplicate = la misma cédula que otro cliente
line-name-missing = sin nombre
line-ambiguous = puede ser más de una persona
line-number-taken = la cédula es de otro cliente
line-not-written = no se pudo guardar
line-email-conflict = correo de otra persona
line-id-given = id de Wispro agregado
line-other-id = tiene otro id de Wispro, se conserva
line-unparsed = cédula ilegible
line-letter-guessed = se supuso la letra V
