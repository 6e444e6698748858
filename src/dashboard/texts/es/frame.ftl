## What surrounds every page
skip = Ir al contenido
menu = Menú
menu-overview = Resumen
menu-calendar = Calendario
menu-users = Usuarios
menu-jobs = Tareas
menu-agenda = Lo que viene
menu-pool = Nubes
menu-sync = Sincronización Wispro
menu-folders = Carpetas
menu-events = Eventos
menu-webhooks = Webhooks
menu-audit = Auditoría
menu-configuration = Configuración
role-operator = Operador
role-service = Servicio
role-admin = Administrador
role-user = Usuario
sign-in = Entrar
sign-out = Salir
sandbox-banner = Entorno de pruebas ({ $value }): nada llega a nadie.
live-on = En vivo
live-off = Sin conexión: la página muestra el último estado conocido
language = Idioma
theme = Colores
theme-auto = Como el sistema
theme-light = Claros
theme-dark = Oscuros
apply = Aplicar
documentation = Documentación de la API
next-page = Página siguiente
first-page = Volver al principio
all = Todos
filter = Filtrar
tenant = Empresa
details = Detalles
back = Volver
never = nunca
nothing = nada
yes = sí
no = no

## The first page
landing-title = El zelador
landing-tagline = Reservas, personas, cuentas, clientes y carpetas, al cuidado de un solo servicio.
landing-sign-in = Entrar al panel
landing-docs = Documentación de la interfaz
landing-openapi = Descripción OpenAPI
landing-health = ¿Está en marcha?
landing-ready = ¿Está listo?

## Signing in
sign-in-token = Con un token
sign-in-token-hint = El token del operador está en el archivo operator.token del directorio de datos.
token = Token
sign-in-person = Como persona
email = Correo electrónico
password = Contraseña
domain = Dominio de la empresa
domain-hint = Solo hace falta si varias empresas conocen la dirección.
sign-in-secret = El token no queda en la página: se convierte en una cookie sellada que dura 12 horas.

## When something goes wrong
failed-title = No se pudo
failed-request = Número de la petición
problem-form-stale = Este formulario ya no es válido.
problem-unknown-page = Esta página no existe.
problem-bad-token = Este token no es válido, fue revocado o ya venció.
problem-password-change-required = Primero elija una contraseña nueva: PUT /auth/password, o la invitación que recibió.
remedy-form = Vuelva, recargue la página y envíe de nuevo.
remedy-role = Su acceso no permite esto. Entre con otro token, o pídalo a quien administra.
remedy-absent = Puede haberse eliminado, o la dirección está incompleta.
remedy-wait = Espere un momento e intente de nuevo.
remedy-fault = El fallo es nuestro. Busque el número de la petición en el registro: journalctl -u zelador.
remedy-back = Vuelva y corrija lo que se dice arriba.

## The overview
ready = Todo en orden
not-ready = Hay problemas
ready-but = En marcha, con problemas
uptime = En marcha desde hace
actors = Actores
actors-up = { $value } en marcha
restarts = { $count ->
    [one] 1 reinicio
   *[other] { $count } reinicios
}
store = Datos
lag = Eventos por procesar
parked = { $count ->
    [0] ninguno apartado
    [one] 1 apartado
   *[other] { $count } apartados
}
failed-jobs = Tareas fallidas
version = Versión
config-error = El archivo de configuración tiene un error y no está en vigor; rige la configuración anterior.
part-failed = Una parte de esta página no respondió: { $value }
plot-throughput = Tareas terminadas
plot-waiting = Espera (95 %)
plot-errors = Fallos
plot-now = ahora
plot-most = máximo { $value }
plot-span = últimos { $value }
today = Hoy
today-empty = Todavía no hay recursos. Cree uno con POST /resources y sus horarios aparecen aquí.
people-by-status = Personas por estado
next-up = A continuación
next-empty = Nada planeado.
sending = Entregas de webhooks
sending-now = { $count ->
    [0] ninguna en curso
   *[other] { $count } en curso
}
sending-waiting = { $count } en espera
sending-delivered = { $count } entregadas desde el inicio
sending-failed = { $count ->
    [one] 1 intento falló
   *[other] { $count } intentos fallaron
}
sync-last = Última sincronización Wispro
sync-none = Todavía no hubo ninguna.
instances = Instancias Nextcloud
see-all = Ver todo
drive-title = Carpetas en Drive
drive-files-waiting = { $value } en espera
drive-files-processing = { $value } en curso
drive-files-failed = { $value } con fallo en las últimas 24 horas
drive-push = Google avisa de los cambios (push)
drive-poll = Se busca cada { $value } s
drive-off = Nadie busca: [drive] mode es off
plots = Las últimas horas
plot-idle = ninguna tarea
plot-nothing = ninguna tarea en este período
plot-since = { $value } desde el inicio
today-none = Ninguna reserva hoy.
run-created = { $count } creados
run-updated = { $count } actualizados
run-skipped = { $count } omitidos
run-errors = · { $count } con errores
