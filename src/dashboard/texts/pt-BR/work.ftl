## Queues
queues = Filas
queue = Fila
queue-ready = Prontas
queue-scheduled = Agendadas
queue-running = Em curso
queue-failed = Com falha
queue-pace = Por minuto
queue-oldest = Espera mais longa
queue-pause = Pausar
queue-resume = Retomar
queue-pause-named = Pausar a fila { $value }
queue-resume-named = Retomar a fila { $value }
queue-pause-done = A fila { $value } está pausada: o que está em curso termina, nada novo começa.
queue-resume-done = A fila { $value } voltou a trabalhar.
queue-paused = pausada

## Jobs
running = Em curso agora
running-empty = Nada em curso.
failed = Com falha
failed-empty = Nenhuma tarefa falhou.
job = Tarefa
job-kind = Tipo
job-state = Estado
job-tries = Tentativas
job-error = Erro
job-progress = Progresso
job-when = Quando
job-created = Criada
job-due = Para
job-started = Começou
job-ended = Terminou
job-priority = Prioridade
job-key = Chave única
job-args = Argumentos
job-about = Sobre
job-history = Tentativas
job-history-empty = Ainda não foi tentada.
job-took = Duração
job-outcome = Resultado
job-retry = Tentar de novo
job-retry-named = Tentar de novo: { $value }
job-cancel = Cancelar
job-cancel-named = Cancelar: { $value }
job-run = Começar já
job-retry-done = A tarefa será tentada de novo.
job-cancel-done = A tarefa foi cancelada; se está em curso, foi pedido que pare.
job-run-done = A tarefa começa agora.
job-cancel-requested = foi pedido que pare
jobs-empty = Nenhuma tarefa com este filtro.
jobs-empty-hint = Tarefas concluídas são esquecidas depois de alguns dias; as com falha, depois de semanas.
jobs-retry-all = Tentar de novo todas as com falha…
jobs-forget-all = Esquecer todas as com falha…
sweep-retry-title = Tentar de novo
sweep-forget-title = Esquecer
sweep-retry-ask = { $value ->
    [1] 1 tarefa com falha, com este filtro, recebe de novo todas as suas tentativas.
   *[other] { $value } tarefas com falha, com este filtro, recebem de novo todas as suas tentativas.
}
sweep-forget-ask = { $value ->
    [1] 1 tarefa com falha, com este filtro, é apagada com seu histórico. Não há volta.
   *[other] { $value } tarefas com falha, com este filtro, são apagadas com seu histórico. Não há volta.
}
sweep-none = Nenhuma tarefa com falha corresponde ao filtro: não há o que fazer.
sweep-retry-do = Tentar de novo
sweep-forget-do = Esquecer de vez
sweep-retry-done = { $count ->
    [one] 1 tarefa será tentada de novo.
   *[other] { $count } tarefas serão tentadas de novo.
}
sweep-forget-done = As tarefas com falha foram esquecidas.
sweep-all-queues = todas as filas
sweep-all-kinds = todos os tipos
