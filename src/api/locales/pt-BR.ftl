# O que as pessoas leem em português do Brasil. Uma mensagem por código, os mesmos códigos em todos os arquivos.

## Títulos, por status HTTP
title-400 = Requisição inválida
title-401 = Identifique-se
title-403 = Não permitido
title-404 = Não encontrado
title-405 = Método não permitido
title-408 = Tempo esgotado
title-409 = Conflito
title-412 = Alterado nesse meio-tempo
title-413 = Grande demais
title-414 = Endereço longo demais
title-415 = Formato não suportado
title-421 = Endereço errado
title-422 = Dados inválidos
title-429 = Muitas requisições
title-431 = Cabeçalhos grandes demais
title-500 = Erro interno
title-503 = Indisponível

## O que qualquer rota pode responder
not_found = { $what ->
    [tenant] Organização não encontrada.
    [user] Usuário não encontrado.
    [plan] Mudança programada não encontrada.
    [job] Tarefa não encontrada.
    [batch] Lote de tarefas não encontrado.
    [event] Evento não encontrado.
    [token] Token não encontrado.
    [queue] Fila não encontrada.
    [schedule] Agendamento não encontrado.
    [consumer] Consumidor não encontrado.
    [scheduled_ban] Não há banimento programado para este usuário.
    [scheduled_status] Não há mudança de status programada para este usuário.
    [booking] Reserva não encontrada.
    [waitlist-entry] Lugar na lista de espera não encontrado.
    [calendar] Calendário não encontrado.
    [leave] O afastamento não foi encontrado.
    [category] Categoria não encontrada.
    [resource] Recurso não encontrado.
    [webhook] Webhook não encontrado.
    [delivery] Entrega não encontrada.
    [sync] Sincronização não encontrada.
    [instance] A instância não foi encontrada.
   *[other] Registro não encontrado.
}
validation_failed = { $count ->
    [one] Há um campo inválido.
   *[other] Há { $count } campos inválidos.
}
forbidden = Seu acesso não permite esta operação.
operators_only = Só o operador pode iniciar tarefas deste tipo.
stale_version = O registro mudou desde a sua última leitura. Leia-o de novo e repita a alteração.
busy = O serviço está ocupado agora. Tente de novo em instantes.
storage_full = Não há espaço em disco, por isso nada pode ser salvo. As consultas continuam funcionando.
upstream_failed = Um serviço externo não respondeu. Tente novamente mais tarde.
internal = Algo deu errado do nosso lado. Informe o trace_id ao relatar o problema.
bad_host = A requisição deve indicar exatamente um host válido.
unknown_host = Este serviço não responde por esse nome de host.
unknown_route = Não há nada neste endereço.
method_not_allowed = { $method } não pode ser usado neste endereço.
token_required = Envie um token de acesso no cabeçalho Authorization.
bad_token = O token de acesso não é válido: está errado, expirou ou foi revogado.
too_many_requests = Muitas requisições. Aguarde um pouco antes de tentar de novo.
uri_too_long = O endereço tem mais de { $limit } bytes.
headers_too_large = Os cabeçalhos da requisição são grandes demais ou numerosos demais.
ambiguous_header = O cabeçalho { $header } só pode aparecer uma vez e sem contradição.
body_too_large = O corpo tem mais de { $limit } bytes.
body_too_slow = O corpo demorou demais para chegar.
body_cut_off = O corpo terminou antes de estar completo.
not_json = Envie o corpo como application/json em UTF-8.
malformed_json = O corpo não é um JSON válido (linha { $line }, coluna { $column }).
json_too_deep = O corpo tem mais de { $limit } níveis de aninhamento.
repeated_key = O corpo tem a chave “{ $key }” duas vezes no mesmo objeto.
bad_idempotency_key = Idempotency-Key deve vir uma única vez, com 1 a 255 caracteres ASCII visíveis.
idempotency_key_reused = Esta Idempotency-Key já foi usada com outros dados.
request_in_flight = A primeira requisição com esta Idempotency-Key ainda está em andamento.
already_banned = O usuário já está banido.
user_not_active = Um afastamento que começa hoje exige um usuário ativo, e este não está.
too_many_leaves = O usuário já tem o máximo de afastamentos planejados.
leave_over = O afastamento já terminou.
domain_taken = Este domínio já pertence a outra organização.
email_taken = Este e-mail já pertence a outro usuário da organização.
id_wispro_taken = Este id do Wispro já pertence a outro usuário da organização.
category_in_use = { $count ->
    [one] Há um recurso nesta categoria. Mude-o de categoria ou exclua-o antes.
   *[other] Há { $count } recursos nesta categoria. Mude-os de categoria ou exclua-os antes.
}

## O que pode estar errado em um campo
field-required = Obrigatório.
field-unknown_field = Campo desconhecido.
field-unknown_parameter = Parâmetro desconhecido.
field-repeated_parameter = Foi informado mais de uma vez.
field-encoding = Não é UTF-8 válido.
field-type = { $expected ->
    [string] Deve ser um texto.
    [integer] Deve ser um número inteiro.
    [number] Deve ser um número.
    [boolean] Deve ser true ou false.
    [array] Deve ser uma lista.
    [object] Deve ser um objeto.
   *[other] Deve ser do tipo { $expected }.
}
field-empty = Não pode ficar vazio.
field-too_short = Deve ter no mínimo { $limit } caracteres.
field-too_long = Deve ter no máximo { $limit } caracteres.
field-too_few = Deve ter no mínimo { $limit } itens.
field-too_many = Deve ter no máximo { $limit } itens.
field-minimum = Deve ser { $limit } ou mais.
field-maximum = Deve ser { $limit } ou menos.
field-above = Deve ser maior que { $limit }.
field-below = Deve ser menor que { $limit }.
field-multiple_of = Deve ser múltiplo de { $step }.
field-enum = Deve ser um destes valores: { $options }.
field-pattern = Não tem a forma esperada.
field-format = { $format ->
    [email] Deve ser um endereço de e-mail.
    [uuid] Deve ser um identificador (UUID).
    [date] Deve ser uma data como 2025-12-05.
    [date-time] Deve ser data e hora, como 2025-12-05T14:00:00Z.
    [uri] Deve ser um endereço da web.
    [line] Não pode ter caracteres de controle nem espaços nas pontas.
    [text] Não pode ter caracteres de controle.
    [time-of-day] Deve ser um horário como 08:00.
    [timezone] Deve ser um fuso horário como America/Sao_Paulo.
    [name] Não pode ficar em branco nem ter caracteres de controle.
    [domain] Deve ser um domínio como academia-fit.com.
    [web-address] Deve ser um endereço da web que comece com http:// ou https://.
    [color] Deve ser uma cor como #FF5722.
    [language] Deve ser um idioma como pt-BR, es ou en.
    [moment] Deve ser uma data ou uma data e hora, como 2025-12-05 ou 2025-12-05T14:00.
   *[other] Não tem o formato esperado ({ $format }).
}
field-repeated_item = Não pode ter o mesmo item duas vezes.
field-member_name = Tem um membro com nome não permitido.
field-no_match = Não corresponde a nenhuma das formas aceitas.
field-invalid = Valor inválido.
field-read_only = Não pode ser alterado.
field-range = Deve estar entre { $min } e { $max }.
field-cursor = Não é um cursor desta lista.
field-before_registration = O usuário ainda não estava cadastrado nesse momento.
field-not_after_start = O fim deve ser posterior ao início.
field-overlapping_window = Sobrepõe-se a outro horário do mesmo dia ou ao que vem da véspera.

## Tarefas e filas
job_exists = Outra tarefa com a mesma unique_key ainda está ativa.
job_is_live = A tarefa ainda não terminou; não há o que repetir.
job_has_ended = A tarefa já terminou.
job_is_not_scheduled = A tarefa não está à espera do horário dela.
field-unknown_kind = Não existe esse tipo de tarefa.
field-unknown_queue = Não existe essa fila.
field-batch_size = Um lote tem de 1 a 1000 tarefas.
field-repeated_key = Uma tarefa anterior do lote tem a mesma chave.
field-job_state_live = Só é possível descartar tarefas que já terminaram.
field-too_many_bytes = Pode ocupar no máximo { $limit } bytes.

## Eventos
field-out_of_range = Deve ser o número de um evento do registro, ou o seguinte.

## Entrada
bad_credentials = E-mail ou senha incorretos. Se mais de uma organização conhece esse e-mail, informe a sua com tenant_id ou domain.
account_not_active = Esta conta não pode entrar no momento. Fale com quem a administra.
bad_refresh_token = O token de renovação não é válido: está errado, expirou ou já foi usado. Entre novamente.
bad_invite = O convite não é válido: está errado, expirou ou já foi usado. Peça outro.
too_many_attempts = Tentativas demais. Aguarde um pouco antes de tentar de novo.
password_change_required = Escolha primeiro uma nova senha; até lá, nada mais é possível.
not_yourself = Ninguém pode fazer isso consigo mesmo. Peça a outro administrador.
last_admin = Este é o último administrador ativo da organização. Nomeie outro antes.
field-wrong_password = Não é a senha atual.
field-same_password = Deve ser diferente da senha atual.
field-too_common = Está entre as senhas que todo mundo tenta primeiro.
field-either_password = Envie password ou password_hash, não os dois.
field-unknown_hash = Deve ser um hash bcrypt ou argon2 de custo razoável.

## Tokens
last_operator_token = Este é o último token de operador válido. Crie outro antes de revogá-lo.
field-reserved = Este nome é reservado para o próprio serviço.
field-unknown_scope = Escopo desconhecido. Use algo como jobs:read, folders:* ou *.
field-operator_may_all = Um token de operador pode tudo; deixe este campo de fora.
field-not_in_the_future = Deve estar no futuro.
field-in_the_past = Não pode estar no passado.
field-nonexistent_local_time = Este horário local não existe: ele é pulado pela mudança de horário.
field-offset_required = Falta o deslocamento em relação ao UTC, como em 2025-12-05T14:00:00-03:00.

## Reservas
conflict = Recurso já possui reserva neste intervalo
resource_inactive = { $resource }: não aceita reservas no momento.
user_not_allowed = { $user }: não pode fazer reservas no momento.
in_the_past = Não é possível reservar um horário que já passou. { $detail }
min_notice = É preciso reservar com mais antecedência. { $detail }
beyond_advance_window = Ainda não é possível reservar tão longe no futuro. { $detail }
duration_not_multiple = A duração não é permitida. { $detail }
not_aligned = O início não coincide com a grade de horários. { $detail }
outside_working_hours = Fora do horário de funcionamento. { $detail }
closed = Não há atendimento nesse dia. { $detail }
resource_unavailable = { $resource }: fora dos horários disponíveis. { $detail }
cancellation_window_passed = { $hours ->
    [one] O cancelamento só é possível até uma hora antes do início.
   *[other] O cancelamento só é possível até { $hours } horas antes do início.
}
booking_closed = Esta reserva já não pode ser alterada (status: { $status }).
status_not_reachable = Uma reserva não passa de { $from } para { $to }.
hold_expired = O tempo desta pré-reserva acabou. Reserve de novo.
place_is_free = Este horário está livre: faça a reserva em vez de esperar.
too_many_webhooks = Esta organização já tem { $limit } webhooks, o máximo: exclua um antes.
webhook_inactive = Este webhook está desativado: ative-o antes.
event_gone = Este evento não está mais guardado.
already_waiting = Esta pessoa já espera por este horário.
waitlist_full = A lista de espera deste recurso está cheia.
not_waiting = Este lugar já não está à espera.
consumer_exists = Já existe um consumidor com este nome.
too_many_consumers = Já há { $max } consumidores, e não pode haver mais.
consumer_detached = Este consumidor ficou muito para trás e não é mais atendido. Uma repetição o conecta de novo.
too_many_streams = Há transmissões demais abertas. Tente de novo daqui a pouco.
label-resource = Recurso
label-booking = Reserva
label-user = Usuário
booking-status-reservado = Pré-reserva
booking-status-pendente = Pendente
booking-status-confirmado = Confirmada
booking-status-expirado = Expirada
booking-status-rejeitado = Recusada
booking-status-cancelado = Cancelada
booking-status-concluido = Concluída
booking-status-nao-compareceu = Não compareceu
detail-now = Agora são { $now }.
detail-notice = Antecedência mínima: { $minutes } min; o primeiro início possível é { $earliest }.
detail-advance = Até { $days } dias à frente; o último início possível é { $latest }.
detail-multiple = Dura { $minutes } min; precisa ser múltiplo de { $interval } min.
detail-too-long = Uma reserva dura no máximo { $hours } horas.
detail-grid = A cada { $interval } min a partir das { $opening }.
detail-grid-before = A cada { $interval } min a partir das { $opening }; o início anterior é { $before }.
detail-grid-after = A cada { $interval } min a partir das { $opening }; o próximo início é { $after }.
detail-grid-both = A cada { $interval } min a partir das { $opening }; os mais próximos são { $before } e { $after }.
detail-hours = Horário de { $date }: { $hours }.
detail-day-off = Em { $date } não há horários.
detail-closure = Fechado em { $date }.
detail-closure-why = Fechado em { $date }: { $reason }.
detail-seats = { $seats ->
    [one] Uma vaga; ocupadas no momento mais cheio ({ $at }): { $peak }.
   *[other] { $seats } vagas; ocupadas no momento mais cheio ({ $at }): { $peak }.
}
field-either_pattern = Envie recurring_pattern ou rrule, não os dois.
field-either_range = Envie date, ou from e to, não os dois.
field-range_too_long = O período tem no máximo { $max } dias.
field-too_large = Pode ocupar no máximo { $max } bytes.
field-not_on_series = Uma série não pode ser uma pré-reserva.
field-unknown_weekday = Os dias da semana vão de 0 (segunda-feira) a 6 (domingo).
field-weekdays_with_monthly = Só uma série semanal tem dias da semana.
field-unsupported_rrule = Esta parte da regra não é aceita: { $part }.
field-malformed_rrule = Não é uma regra da RFC 5545: { $part }.
field-count_and_until = Uma regra tem COUNT ou UNTIL, não os dois.
field-too_many_occurrences = Uma série tem no máximo { $most } ocorrências.
field-series_too_far = Uma série termina em no máximo { $days } dias.
field-start_not_in_pattern = O início não faz parte da própria regra.
field-end_before_start = Termina antes de começar.
field-no_occurrences = Nenhuma ocorrência resta.
field-webhook_url = Não é uma URL: escreva-a por inteiro, como https://example.com/caminho.
field-webhook_scheme = Deve começar com https://.
field-webhook_userinfo = Não pode trazer usuário nem senha: use o segredo.
field-webhook_fragment = Não pode trazer uma parte com #, que nunca é enviada.
field-webhook_host = Deve apontar para um servidor da internet pública.
field-webhook_port = A porta deve ser uma destas: { $ports }.
field-webhook_event = Não existe o evento { $event }: informe um tipo, todos de um substantivo (booking.*), ou *.
field-webhook_secret = Tem de 8 a 256 caracteres; depois de whsec_ vem o base64 de 24 a 64 bytes.
field-instance_url = Deve ser um endereço http ou https sem usuário nem senha.
field-host_key = Deve ser a chave do servidor como linha do OpenSSH, por exemplo “ssh-ed25519 AAAA…”.
field-private_key = Deve ser uma chave privada Ed25519 ou ECDSA, com a frase secreta se estiver cifrada.
field-secret_reference = Deve ser um texto ou nomear uma credencial, um arquivo pelo caminho completo ou uma variável de ambiente.
field-unknown_tenant = Essa organização não existe.

## Status de usuário
status-INACTIVE = Inativo
status-ACTIVE = Ativo
status-SUSPENDED = Suspenso
status-PENDING = Pendente
status-BANNED = Banido

## Notices
first_password_title = Sua primeira senha
first_password_ask = A senha é mostrada uma única vez. Aperte o botão quando puder anotá-la ou usá-la.
first_password_show = Mostrar a senha
first_password_is = Esta é a sua conta. A senha não será mostrada de novo: troque-a depois de entrar.
first_password_address = Endereço
first_password_account = Usuário
first_password_password = Senha
first_password_gone = Este link já foi usado ou não vale mais. Peça um novo, ou use “Esqueceu a senha?” ao entrar.
invitation_title = Escolha sua senha
invitation_ask = { $tenant } convidou você. Escolha a senha com que você vai entrar.
invitation_email = Seu e-mail
invitation_password = Senha
invitation_again = A mesma senha outra vez
invitation_rules = Pelo menos { $limit } caracteres. Uma frase curta só sua é fácil de lembrar e difícil de adivinhar; as senhas que todo mundo tenta primeiro são recusadas.
invitation_do = Salvar a senha
invitation_differ = As duas senhas não são iguais.
invitation_done = Sua senha está definida. Entre com { $email } e esta senha.
invitation_set = Sua senha está definida. Você já pode entrar com ela.
invitation_gone = Este link já foi usado ou não é mais válido. Peça um novo convite.
opt_out_title = Avisos por e-mail
opt_out_ask = Quer deixar de receber { $kind ->
    [booking_made] avisos de novas reservas
    [booking_confirmed] confirmações
    [booking_rejected] avisos de pedidos não aceitos
    [booking_changed] avisos de alterações
    [booking_cancelled] avisos de cancelamento
    [booking_reminder] lembretes
    [booking_offered] avisos de vagas que surgem
    [account_banned] avisos de conta bloqueada
    [account_suspended] avisos de conta suspensa
    [account_active] avisos de conta reativada
    [account_ready] avisos de contas novas
    [account_invited] convites para escolher uma senha
   *[other] avisos deste tipo
}?
opt_out_do = Não receber mais
opt_out_done = Pronto: você não receberá mais { $kind ->
    [booking_made] avisos de novas reservas
    [booking_confirmed] confirmações
    [booking_rejected] avisos de pedidos não aceitos
    [booking_changed] avisos de alterações
    [booking_cancelled] avisos de cancelamento
    [booking_reminder] lembretes
    [booking_offered] avisos de vagas que surgem
    [account_banned] avisos de conta bloqueada
    [account_suspended] avisos de conta suspensa
    [account_active] avisos de conta reativada
    [account_ready] avisos de contas novas
    [account_invited] convites para escolher uma senha
   *[other] avisos deste tipo
}.
opt_out_undo = Quero receber de novo
opt_out_gone = Este link não vale mais. Use o de uma mensagem mais recente.
unwritable = Não é possível escrever o texto: { $error }
unknown_notice = Não há texto com este nome.
unknown_language = Escolha pt-BR, es ou en.

## Wispro
sync_started = Sincronização iniciada em segundo plano. Consulte os logs para ver o progresso.
sync_running = Já existe uma sincronização na fila, em andamento ou à espera de uma decisão; job_id diz qual.
sync_not_braked = Esta sincronização não está à espera de uma decisão.
invitations_off = Ainda não há como enviar: defina [notifications] public_url (ou invite_url, para uma página sua) e um servidor de e-mail ou gateway, ou entregue você mesmo o url de POST /users/ID/invite.
sandbox_records = Há registros feitos com o sandbox; remova-os com zelador sandbox purge antes de usar o sistema real.
concern_off = Esta integração está desligada na configuração.
instance_name_taken = Outra instância já tem este nome.
too_many_instances = Já há tantas instâncias quantas o conjunto comporta.
instance_in_use = { $count ->
    [one] Há uma conta nesta instância. Mova-a ou exclua-a primeiro.
   *[other] Há { $count } contas nesta instância. Mova-as ou exclua-as primeiro.
}
sandbox_only = Esta instância é um servidor real, e o serviço está em modo de teste. Mude mode para live para usá-la.
account_active = O usuário já tem uma conta do Nextcloud que funciona.
no_account_to_move = O usuário não tem uma conta do Nextcloud que possa ser movida.
account_there_already = A conta já está nesta instância.
no_first_password = Não há primeira senha a entregar: a conta não está ativa, ou a senha já foi mostrada.
