## States of jobs, runs, deliveries, bookings, parts
state-scheduled = agendada
state-ready = pronta
state-running = em curso
state-succeeded = concluída
state-failed = com falha
state-cancelled = cancelada
state-timed-out = tempo esgotado
state-panicked = quebrou
state-interrupted = interrompida
state-snoozed = adiada
state-released = devolvida
state-fetching = buscando
state-comparing = comparando
state-applying = aplicando
state-braked = freada
state-completed = concluída
state-discarded = descartada
state-pending = pendente
state-delivered = entregue
state-healthy = saudável
state-unhealthy = com problemas
state-unknown = desconhecida

## The status of people
status-active = Ativo
status-inactive = Inativo
status-suspended = Suspenso
status-pending = Pendente
status-banned = Banido

## What the agenda holds
agenda-ban = Banimento
agenda-status-change = Mudança de situação
agenda-leave = Licença
agenda-job = Tarefa
agenda-schedule = Rotina
agenda-expiry = Vencimento
