## People
user = Pessoa
user-find = Nome ou e-mail
user-name = Nome
user-phone = Telefone
user-status = Situação
user-since = desde
user-planned = Planejado
user-created = Registro
user-plans = Mudanças planejadas
user-plans-empty = Nada planejado para esta pessoa.
user-timeline = História
user-timeline-empty = Nada aconteceu ainda.
users-none = Ninguém ainda. Registre alguém com POST /users, ou sincronize com o Wispro.
users-empty = Ninguém com este filtro.
plan-cancel = Desfazer
plan-cancel-named = Desfazer o que está planejado: { $value }
plan-cancelled = O que estava planejado foi desfeito.
leave-over = terminou em
ban-title = Planejar um banimento
ban-date = Quando
ban-reason = Motivo
ban-try = Ver o que aconteceria
ban-would = O que aconteceria
ban-do = Planejar o banimento
ban-done = O banimento está planejado.
unban-title = Esta pessoa está banida
unban-do = Reativar
status-done = A situação agora é: { $value }.
would-sessions = { $count ->
    [0] Nenhuma sessão seria encerrada
    [one] 1 sessão seria encerrada
   *[other] { $count } sessões seriam encerradas
}
would-bookings = { $count ->
    [0] Nenhuma reserva seria cancelada
    [one] 1 reserva seria cancelada
   *[other] { $count } reservas seriam canceladas
}
plan-ban = Banimento planejado
plan-change = Mudança planejada
plan-leave = Licença
plan-state-replaced = seria substituído
plan-state-cancelled = seria desfeito
action-revoke-sessions = As sessões são encerradas
action-cancel-bookings = As reservas futuras são canceladas
action-disable-nextcloud = A conta Nextcloud é desativada

## The calendar
calendar-date = Dia
calendar-view = Vista
calendar-day = Dia, todos os recursos
calendar-week = Semana, um recurso
calendar-show = Mostrar
calendar-before = ← Antes
calendar-after = Depois →
calendar-closed = Fechado: nenhum horário neste período.
calendar-free = Livre às { $value }: ver e reservar
calendar-more = { $count ->
    [one] Mais 1 recurso: escolha-o acima.
   *[other] Mais { $count } recursos: escolha um acima.
}
resource = Recurso
weekday-0 = seg
weekday-1 = ter
weekday-2 = qua
weekday-3 = qui
weekday-4 = sex
weekday-5 = sáb
weekday-6 = dom
explain-title = Pode ser reservado?
explain-yes = Pode ser reservado
explain-no = Não pode ser reservado
explain-nearest = Livre nas proximidades
explain-none = Nada livre por perto.
explain-ask = Perguntar de outro modo
explain-length = Duração
explain-anybody = qualquer pessoa que possa
explain-check = Verificar
book-title = Reservar
book-for = Para quem
book-notes = Observações
book-do = Reservar
book-done = Reservado: { $value }.
booking-zone = Fuso horário
booking-for = Para
booking-by = Reservado por
booking-series = Série
booking-cancelled-at = Cancelada
booking-confirm = Confirmar
booking-cancel = Cancelar a reserva
booking-reason = Motivo
booking-scope = Quais
scope-this = só esta
scope-following = esta e as seguintes
scope-all = toda a série
booking-cancelled = A reserva foi cancelada.
booking-changed = A reserva foi alterada.

## Rules of a booking
rule-resource-inactive = Recurso inativo
rule-user-not-allowed = Pessoa sem permissão
rule-in-the-past = Já passou
rule-min-notice = Antecedência curta demais
rule-beyond-advance-window = Longe demais no futuro
rule-duration-not-multiple = Duração fora do intervalo
rule-not-aligned = Início fora da grade
rule-outside-working-hours = Fora do horário
rule-closed = Fechado
rule-resource-unavailable = Recurso indisponível
rule-conflict = Ocupado

## The same rules, where they are kept
kept-resource-inactive = O recurso está ativo
kept-user-not-allowed = A pessoa pode reservar
kept-in-the-past = Ainda não passou
kept-min-notice = Antecedência suficiente
kept-beyond-advance-window = Dentro do prazo
kept-duration-not-multiple = Duração certa
kept-not-aligned = Início na grade
kept-outside-working-hours = Dentro do horário
kept-closed = Não está fechado
kept-resource-unavailable = O recurso está disponível
kept-conflict = Há lugar
calendar-legend-free = + livre: ver as regras e reservar
calendar-legend-shut = não reservável: passou, fechado ou tarde demais
