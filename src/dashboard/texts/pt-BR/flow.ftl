## Events
event = Evento
event-type = Tipo
events-empty = Nenhum evento com este filtro, entre os mais recentes.
consumers = Leitores
consumer = Leitor
consumer-cursor = Posição
consumer-lag = Atraso
consumer-parked = Abandonados
consumer-external = de um programa
consumer-detached = desligado
consumer-detached-hint = Ficou para trás demais e já não é atendido. Repita a partir de um evento para religá-lo.
parked-empty = Nada foi abandonado.
parked-retry = Entregar todos de novo
parked-handled = { $count ->
    [one] 1 entregue.
   *[other] { $count } entregues.
}
parked-failed = { $count ->
    [0] Nenhum falhou.
    [one] 1 falhou de novo.
   *[other] { $count } falharam de novo.
}
parked-discard = Esquecer
parked-discard-named = Esquecer o evento { $value }
parked-discarded = O evento foi esquecido: ninguém o processará.
replay = Repetir
replay-from = A partir do evento
replay-done = Tudo a partir do evento { $count } será processado de novo.

## Webhooks
webhooks-empty = Nenhum webhook. Crie um com POST /tenants/…/webhooks.
webhook-url = Endereço
webhook-events = Eventos
webhook-last = Última entrega
webhook-signed = Assinado
webhook-on = ativo
webhook-off = desligado
webhook-failing = falhando
webhook-failing-since = Só falhas desde
webhook-disabled = Desligado pelo serviço em
webhook-test = Enviar um teste
webhook-test-done = Um evento de teste está a caminho.
webhook-replay = Reenviar o que pode ter faltado
webhook-replay-done = { $count ->
    [0] Nada faltou.
    [one] 1 evento vai de novo.
   *[other] { $count } eventos vão de novo.
}
webhook-switch-on = Ligar
webhook-switch-off = Desligar
webhook-on-done = O webhook está ligado.
webhook-off-done = O webhook está desligado.
deliveries = Entregas
deliveries-empty = Nenhuma entrega com este filtro.
delivery-answer = Resposta
delivery-next = de novo em
delivery-said = O que respondeu
redeliver = Reenviar
redeliver-named = Reenviar { $value }
redeliver-done = O evento vai de novo.

## The Wispro sync
sync-run = Sincronização
sync-none-hint = Comece uma por ensaio: nada é alterado, e o relatório diz o que seria.
sync-pages = Páginas no máximo (0: todas)
sync-try = Ensaiar
sync-start = Sincronizar agora
sync-dry = ensaio
sync-dry-hint = Ensaio: nada foi alterado; os números dizem o que seria.
sync-sandbox = Os clientes vêm da imitação, não do Wispro.
sync-created = Criados
sync-updated = Atualizados
sync-unchanged = Iguais
sync-skipped = Deixados de fora
sync-errors = Erros
sync-seen = Clientes vistos
sync-page = página
sync-would = a fazer: { $count }
sync-report = Relatório
sync-lines = Sobre os clientes
sync-lines-empty = Nada a dizer sobre nenhum cliente.
sync-client = Cliente
sync-said = O quê
sync-brake = Freio
sync-limit = limite
brake-fewer-than-promised = Menos clientes do que o Wispro diz ter
brake-too-many-changed = Mudanças demais de uma vez
brake-too-many-created = Pessoas novas demais de uma vez
sync-brake-hint = A sincronização parou antes de alterar algo e espera uma decisão.
sync-approve = Deixar seguir
sync-discard = Descartar
sync-approved = Alguém deixou seguir.
sync-approve-done = A sincronização segue.
sync-discard-done = A sincronização foi descartada; nada foi alterado.

## The pool
pool-empty = Nenhuma instância. Registre uma com POST /admin/instances.
pool-accounts = contas
pool-counted = { $count } segundo o servidor
pool-looked = vista em
pool-check = Verificar agora
pool-check-named = Verificar agora: { $value }
pool-checked = A instância está: { $value }.
pool-retry = Tentar de novo as contas com falha
pool-requeued = { $count ->
    [0] Nenhuma conta com falha.
    [one] 1 conta será tentada de novo.
   *[other] { $count } contas serão tentadas de novo.
}
pool-maintenance = em manutenção
pool-disabled = desativada
pool-breaker = não é consultada

## Folders
folders-of = Pastas de { $value }
folders-none = Nenhuma pasta ainda. Elas são criadas na página de uma pessoa ou com zelador folders create.
folders-empty = Nenhuma pasta com este filtro.
folders-provider = Criadas por
folders-share = Compartilhada com
folders-nobody = ninguém
folders-noticed = Arquivos percebidos por
folders-until = até
folders-channel = Canal
folders-stand-in = imitação
folders-sandbox = Estão na imitação, não no Google Drive.
folders-vm = Na VM
folders-open = Abrir no Google Drive
folders-ready-at = Prontas desde
folders-create = Criar as pastas
folders-create-done = As pastas estão sendo criadas.
folders-recreate = Criar o que falta
folders-recreate-done = Cada pasta é conferida, e a que falta é criada.
folders-process = Procurar arquivos agora
folders-process-done = Os arquivos estão sendo procurados.
folder-none = nenhuma
folder-pending = solicitadas
folder-creating = em criação
folder-ready = prontas
folder-failed = com falha
provider-native = zelador
provider-script = programa próprio
watch-push = aviso
watch-poll = consulta periódica
watch-watch = observação
files = Arquivos
files-empty = Nenhum arquivo chegou à pasta novos ainda.
file-name = Arquivo
file-source = Chegou por
file-to = Destino
file-seen-at = Visto
file-seen = visto
file-waiting = em espera
file-processing = em processamento
file-moved = movido
file-failed = com falha
file-note = Uma nota ao lado do arquivo diz o porquê.
side-drive = Google Drive
side-vm = VM

## What comes next
agenda-kind = O quê
agenda-empty = Nada planejado com este filtro na próxima semana.
schedules = Rotinas
schedules-empty = Nenhuma rotina. Elas ficam em [schedules] no config.toml.
schedule-name = Nome
schedule-when = Quando
schedule-next = Próxima vez
schedule-last = Última vez
schedule-started = A rotina começou.
schedule-run-named = Começar já: { $value }

## The audit
audit-action = Ação
audit-record = Registro
audit-record-id = Id do registro
audit-user-id = Pessoa (id)
audit-by = Por
audit-change = Mudança
audit-members = { $count ->
    [0] sem mudança
    [one] 1 campo
   *[other] { $count } campos
}
audit-empty = Nada registrado com este filtro.
by-operator = operador
by-service = serviço
by-user = pessoa
by-job = tarefa

## The configuration
config-good = O arquivo de configuração está em vigor.
config-restart = Mudaram no arquivo e valem só depois de reiniciar:
config-generation = { $count ->
    [one] Primeira configuração desde o início
   *[other] Configuração número { $count } desde o início
}
config-loaded = em vigor desde
config-hint = Altera-se o arquivo; uma mudança válida entra em vigor em dois segundos. Segredos aparecem como ***.
pool-latency = responde em { $count } ms
method-api = pela API
method-ssh = por SSH
config-keys = { $count ->
    [one] 1 chave
   *[other] { $count } chaves
}
line-no-id = linha sem id
line-no-number = sem cédula
line-duplicate = mesma cédula de outro cliente
line-name-missing = sem nome
line-ambiguous = pode ser mais de uma pessoa
line-number-taken = a cédula é de outro cliente
line-not-written = não pôde ser gravado
line-email-conflict = e-mail de outra pessoa
line-id-given = id do Wispro acrescentado
line-other-id = tem outro id do Wispro, mantido
line-unparsed = cédula ilegível
line-letter-guessed = letra V presumida
