## Queues
queues = Colas
queue = Cola
queue-ready = Listas
queue-scheduled = Programadas
queue-running = En curso
queue-failed = Fallidas
queue-pace = Por minuto
queue-oldest = Espera más larga
queue-pause = Pausar
queue-resume = Reanudar
queue-pause-named = Pausar la cola { $value }
queue-resume-named = Reanudar la cola { $value }
queue-pause-done = La cola { $value } está en pausa: lo que está en curso termina, nada nuevo empieza.
queue-resume-done = La cola { $value } vuelve a trabajar.
queue-paused = en pausa

## Jobs
running = En curso ahora
running-empty = Nada en curso.
failed = Fallidas
failed-empty = Ninguna tarea falló.
job = Tarea
job-kind = Tipo
job-state = Estado
job-tries = Intentos
job-error = Error
job-progress = Progreso
job-when = Cuándo
job-created = Creada
job-due = Para
job-started = Empezó
job-ended = Terminó
job-priority = Prioridad
job-key = Clave única
job-args = Argumentos
job-about = Sobre
job-history = Intentos
job-history-empty = Todavía no se intentó.
job-took = Duración
job-outcome = Resultado
job-retry = Reintentar
job-retry-named = Reintentar: { $value }
job-cancel = Cancelar
job-cancel-named = Cancelar: { $value }
job-run = Empezar ya
job-retry-done = La tarea se intentará de nuevo.
job-cancel-done = La tarea se canceló; si está en curso, se le pidió que pare.
job-run-done = La tarea empieza ahora.
job-cancel-requested = se le pidió que pare
jobs-empty = Ninguna tarea con este filtro.
jobs-empty-hint = Las tareas terminadas se olvidan tras unos días; las fallidas, tras semanas.
jobs-retry-all = Reintentar todas las fallidas…
jobs-forget-all = Olvidar todas las fallidas…
sweep-retry-title = Reintentar
sweep-forget-title = Olvidar
sweep-retry-ask = { $value ->
    [1] 1 tarea fallida, con este filtro, recibe de nuevo todos sus intentos.
   *[other] { $value } tareas fallidas, con este filtro, reciben de nuevo todos sus intentos.
}
sweep-forget-ask = { $value ->
    [1] 1 tarea fallida, con este filtro, se borra con su historial. No hay vuelta atrás.
   *[other] { $value } tareas fallidas, con este filtro, se borran con su historial. No hay vuelta atrás.
}
sweep-none = Ninguna tarea fallida corresponde al filtro: no hay nada que hacer.
sweep-retry-do = Reintentar
sweep-forget-do = Olvidar para siempre
sweep-retry-done = { $count ->
    [one] 1 tarea se intentará de nuevo.
   *[other] { $count } tareas se intentarán de nuevo.
}
sweep-forget-done = Las tareas fallidas se olvidaron.
sweep-all-queues = todas las colas
sweep-all-kinds = todos los tipos
