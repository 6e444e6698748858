## What surrounds every page
skip = Ir para o conteúdo
menu = Menu
menu-overview = Visão geral
menu-calendar = Agenda de reservas
menu-users = Usuários
menu-jobs = Tarefas
menu-agenda = O que vem aí
menu-pool = Nuvens
menu-sync = Sincronização Wispro
menu-folders = Pastas
menu-events = Eventos
menu-webhooks = Webhooks
menu-audit = Auditoria
menu-configuration = Configuração
role-operator = Operador
role-service = Serviço
role-admin = Administrador
role-user = Usuário
sign-in = Entrar
sign-out = Sair
sandbox-banner = Ambiente de testes ({ $value }): nada chega a ninguém.
live-on = Ao vivo
live-off = Sem conexão: a página mostra o último estado conhecido
language = Idioma
theme = Cores
theme-auto = Como o sistema
theme-light = Claras
theme-dark = Escuras
apply = Aplicar
documentation = Documentação da API
next-page = Próxima página
first-page = Voltar ao início
all = Todos
filter = Filtrar
tenant = Empresa
details = Detalhes
back = Voltar
never = nunca
nothing = nada
yes = sim
no = não

## The first page
landing-title = O zelador
landing-tagline = Reservas, pessoas, contas, clientes e pastas, aos cuidados de um só serviço.
landing-sign-in = Entrar no painel
landing-docs = Documentação da interface
landing-openapi = Descrição OpenAPI
landing-health = Está no ar?
landing-ready = Está pronto?

## Signing in
sign-in-token = Com um token
sign-in-token-hint = O token do operador está no arquivo operator.token do diretório de dados.
token = Token
sign-in-person = Como pessoa
email = E-mail
password = Senha
domain = Domínio da empresa
domain-hint = Só é preciso se várias empresas conhecem o endereço.
sign-in-secret = O token não fica na página: vira um cookie selado que dura 12 horas.

## When something goes wrong
failed-title = Não deu certo
failed-request = Número do pedido
problem-form-stale = Este formulário já não vale.
problem-unknown-page = Esta página não existe.
problem-bad-token = Este token não é válido, foi revogado ou já venceu.
problem-password-change-required = Primeiro escolha uma senha nova: PUT /auth/password, ou o convite que você recebeu.
remedy-form = Volte, recarregue a página e envie de novo.
remedy-role = O seu acesso não permite isto. Entre com outro token, ou peça a quem administra.
remedy-absent = Pode ter sido excluído, ou o endereço está incompleto.
remedy-wait = Espere um momento e tente de novo.
remedy-fault = A falha é nossa. Procure o número do pedido no registro: journalctl -u zelador.
remedy-back = Volte e corrija o que foi dito acima.

## The overview
ready = Tudo em ordem
not-ready = Há problemas
ready-but = No ar, com problemas
uptime = No ar há
actors = Atores
actors-up = { $value } no ar
restarts = { $count ->
    [one] 1 reinício
   *[other] { $count } reinícios
}
store = Dados
lag = Eventos por processar
parked = { $count ->
    [0] nenhum abandonado
    [one] 1 abandonado
   *[other] { $count } abandonados
}
failed-jobs = Tarefas com falha
version = Versão
config-error = O arquivo de configuração tem um erro e não está em vigor; vale a configuração anterior.
part-failed = Uma parte desta página não respondeu: { $value }
plot-throughput = Tarefas concluídas
plot-waiting = Espera (95 %)
plot-errors = Falhas
plot-now = agora
plot-most = máximo { $value }
plot-span = últimos { $value }
today = Hoje
today-empty = Nenhum recurso ainda. Crie um com POST /resources, e os horários aparecem aqui.
people-by-status = Pessoas por situação
next-up = A seguir
next-empty = Nada planejado.
sending = Entregas de webhooks
sending-now = { $count ->
    [0] nenhuma em curso
   *[other] { $count } em curso
}
sending-waiting = { $count } na fila
sending-delivered = { $count } entregues desde o início
sending-failed = { $count ->
    [one] 1 tentativa falhou
   *[other] { $count } tentativas falharam
}
sync-last = Última sincronização Wispro
sync-none = Ainda não houve nenhuma.
instances = Instâncias Nextcloud
see-all = Ver tudo
drive-title = Pastas no Drive
drive-files-waiting = { $value } esperando
drive-files-processing = { $value } em andamento
drive-files-failed = { $value } com falha nas últimas 24 horas
drive-push = O Google avisa das mudanças (push)
drive-poll = Procura-se a cada { $value } s
drive-off = Ninguém procura: [drive] mode é off
plots = As últimas horas
plot-idle = nenhuma tarefa
plot-nothing = nenhuma tarefa neste período
plot-since = { $value } desde o início
today-none = Nenhuma reserva hoje.
run-created = { $count } criados
run-updated = { $count } atualizados
run-skipped = { $count } deixados de fora
run-errors = · { $count } com erro
