//! Who may do what to whom, within a tenant.
//!
//! | who | may |
//! |---|---|
//! | above: the operator, a service with the scope | everything |
//! | an admin | everything, but not ban, demote or delete itself |
//! | who manages users | the same with plain users, and grant what it may itself |
//! | anybody | change a few members of its own record |
//!
//! And whoever it is: the last active admin of a tenant stays one.

use zelador_store::id::UserId;
use zelador_store::user::{Permissions, Status, User, UserType};

use super::record::UserDraft;
use crate::error::Refusal;
use crate::users::messages::What;

/// How a caller stands to the users of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Above them: the operator, or a program that was given the scope.
    #[default]
    Above,
    /// One of them.
    Person {
        /// Who.
        id: UserId,
        /// An admin.
        admin: bool,
        /// May change users.
        manager: bool,
        /// What the person may do.
        permissions: Permissions,
    },
}

const FORBIDDEN: Refusal = Refusal::Forbidden { code: "forbidden" };
const NOT_YOURSELF: Refusal = Refusal::Forbidden { code: "not_yourself" };

/// Whether the caller may act upon what this user can do or get into.
pub fn outranks(standing: &Standing, id: UserId, user: &User) -> Result<(), Refusal> {
    match standing {
        Standing::Above | Standing::Person { admin: true, .. } => Ok(()),
        Standing::Person { id: own, .. } if *own == id => Ok(()),
        Standing::Person { manager: true, .. } if user.user_type == UserType::User => Ok(()),
        Standing::Person { .. } => Err(FORBIDDEN),
    }
}

/// Whether the caller may register such a user.
pub fn may_register(standing: &Standing, draft: &UserDraft) -> Result<(), Refusal> {
    match standing {
        Standing::Above | Standing::Person { admin: true, .. } => Ok(()),
        Standing::Person { manager, permissions, .. } => {
            let plain = draft.user_type == UserType::User;
            let within = within(draft.permissions, Permissions::default(), *permissions);
            if *manager && plain && within { Ok(()) } else { Err(FORBIDDEN) }
        }
    }
}

/// Whether the caller may do this to a user, who is as is in force.
pub fn may(standing: &Standing, id: UserId, user: &User, what: &What) -> Result<(), Refusal> {
    let Standing::Person { id: own, admin, permissions, .. } = standing else { return Ok(()) };
    outranks(standing, id, user)?;
    let oneself = *own == id;
    match what {
        What::Revise(draft) if *admin => {
            let demoted = user.user_type == UserType::Admin && draft.user_type == UserType::User;
            if oneself && demoted { Err(NOT_YOURSELF) } else { Ok(()) }
        }
        What::Revise(draft) if oneself => {
            if ones_own(user, draft) {
                Ok(())
            } else {
                Err(FORBIDDEN)
            }
        }
        What::Revise(draft) => {
            let plain = draft.user_type == UserType::User;
            let within = within(draft.permissions, user.permissions, *permissions);
            if plain && within { Ok(()) } else { Err(FORBIDDEN) }
        }
        What::Delete
        | What::SetStatus { .. }
        | What::PlanBan { .. }
        | What::PlanChange { .. }
        | What::CallOff(_)
        | What::CallOffLeave(_)
            if oneself =>
        {
            Err(NOT_YOURSELF)
        }
        _ => Ok(()),
    }
}

/// Whether a draft changes only what everybody may change of their own record.
fn ones_own(user: &User, draft: &UserDraft) -> bool {
    let UserDraft { name, profile, phone, address, .. } = draft.clone();
    *draft == UserDraft { name, profile, phone, address, ..UserDraft::from(user) }
}

/// Whether no permission is new but those that its giver has.
fn within(asked: Permissions, had: Permissions, giver: Permissions) -> bool {
    let each = |p: Permissions| {
        [
            p.can_book,
            p.can_view_all_bookings,
            p.can_manage_bookings,
            p.can_manage_resources,
            p.can_manage_users,
        ]
    };
    let (asked, had, giver) = (each(asked), each(had), each(giver));
    asked.iter().zip(had).zip(giver).all(|((asked, had), giver)| !asked || had || giver)
}

/// Whether a change takes an active admin away, now or by a plan.
pub fn loses_admin(before: &User, after: &User) -> bool {
    stays_admin(before) && !stays_admin(after)
}

/// Whether a user is an active admin, and nothing planned ends that.
pub fn stays_admin(user: &User) -> bool {
    user.is_live()
        && user.user_type == UserType::Admin
        && user.status == Status::Active
        && user.planned.iter().all(|plan| plan.to == Status::Active)
        && user.leaves.is_empty()
}

#[cfg(test)]
mod tests {
    use zelador_store::Timestamp;
    use zelador_store::id::{JobId, PlanId, TenantId};
    use zelador_store::plan::PlanSort;
    use zelador_store::user::Planned;

    use super::super::record::register;
    use super::*;

    fn id(n: u8) -> UserId {
        UserId::new(Timestamp::from_seconds(0), [n; 10])
    }

    fn user(user_type: UserType) -> User {
        let tenant = TenantId::new(Timestamp::from_seconds(0), [9; 10]);
        let draft = UserDraft { name: "Ana".into(), user_type, ..UserDraft::default() };
        register(tenant, draft, Status::Active, Timestamp::from_seconds(0))
    }

    fn person(n: u8, admin: bool, manager: bool) -> Standing {
        let permissions = Permissions { can_manage_users: manager, ..Permissions::default() };
        let permissions = if admin { Permissions::ALL } else { permissions };
        Standing::Person { id: id(n), admin, manager: manager || admin, permissions }
    }

    fn revised(user: &User, change: impl FnOnce(&mut UserDraft)) -> What {
        let mut draft = UserDraft::from(user);
        change(&mut draft);
        What::Revise(Box::new(draft))
    }

    #[test]
    fn the_table() {
        let (plain, admin) = (user(UserType::User), user(UserType::Admin));
        let ban = What::SetStatus { to: Status::Banned, reason: None };
        let rename = |user: &User| revised(user, |draft| draft.name = "Bia".into());
        let promote = |user: &User| revised(user, |draft| draft.user_type = UserType::Admin);
        let demote = |user: &User| revised(user, |draft| draft.user_type = UserType::User);
        let resources = |user: &User| revised(user, |d| d.permissions.can_manage_resources = true);
        let users = |user: &User| revised(user, |d| d.permissions.can_manage_users = true);
        let address = |user: &User| revised(user, |draft| draft.email = Some("x@y.zz".into()));
        // Who, whom, what, and the answer.
        for (line, who, whom, target, what, code) in [
            (1, Standing::Above, 1, &admin, ban.clone(), None),
            (2, person(1, true, true), 2, &plain, ban.clone(), None),
            (3, person(1, true, true), 2, &admin, ban.clone(), None),
            (4, person(1, true, true), 1, &admin, ban.clone(), Some("not_yourself")),
            (5, person(1, true, true), 1, &admin, What::Delete, Some("not_yourself")),
            (6, person(1, true, true), 1, &admin, demote(&admin), Some("not_yourself")),
            (7, person(1, true, true), 1, &admin, rename(&admin), None),
            (8, person(1, true, true), 2, &plain, promote(&plain), None),
            (9, person(1, false, true), 2, &plain, ban.clone(), None),
            (10, person(1, false, true), 2, &admin, ban.clone(), Some("forbidden")),
            (11, person(1, false, true), 2, &admin, rename(&admin), Some("forbidden")),
            (12, person(1, false, true), 2, &plain, promote(&plain), Some("forbidden")),
            (13, person(1, false, true), 2, &plain, resources(&plain), Some("forbidden")),
            (14, person(1, false, true), 2, &plain, users(&plain), None),
            (15, person(1, false, true), 1, &plain, users(&plain), Some("forbidden")),
            (
                16,
                person(1, false, true),
                1,
                &plain,
                What::CallOff(PlanSort::Ban),
                Some("not_yourself"),
            ),
            (17, person(1, false, false), 1, &plain, rename(&plain), None),
            (18, person(1, false, false), 1, &plain, address(&plain), Some("forbidden")),
            (19, person(1, false, false), 1, &plain, ban.clone(), Some("not_yourself")),
            (20, person(1, false, false), 2, &plain, rename(&plain), Some("forbidden")),
        ] {
            let told = match may(&who, id(whom), target, &what) {
                Ok(()) => None,
                Err(Refusal::Forbidden { code }) => Some(code),
                Err(other) => panic!("{other}"),
            };
            assert_eq!(told, code, "line {line}");
        }
    }

    #[test]
    fn registering_gives_no_more_than_one_has() {
        let draft = |user_type, can_manage_bookings| UserDraft {
            user_type,
            permissions: Permissions { can_manage_bookings, ..Permissions::default() },
            ..UserDraft::default()
        };
        let manager = person(1, false, true);
        assert_eq!(may_register(&manager, &draft(UserType::User, false)), Ok(()));
        assert_eq!(may_register(&manager, &draft(UserType::User, true)), Err(FORBIDDEN));
        assert_eq!(may_register(&manager, &draft(UserType::Admin, false)), Err(FORBIDDEN));
        assert_eq!(may_register(&person(1, true, true), &draft(UserType::Admin, true)), Ok(()));
        assert_eq!(may_register(&Standing::Above, &draft(UserType::Admin, true)), Ok(()));
    }

    #[test]
    fn an_admin_is_lost_by_any_of_these() {
        let admin = user(UserType::Admin);
        let with = |change: &dyn Fn(&mut User)| {
            let mut user = admin.clone();
            change(&mut user);
            user
        };
        assert!(!loses_admin(&admin, &with(&|user| user.name = "Bia".into())));
        assert!(loses_admin(&admin, &with(&|user| user.user_type = UserType::User)));
        assert!(loses_admin(&admin, &with(&|user| user.status = Status::Suspended)));
        let away = super::super::tests::leaves::leave(1, 10, 20);
        assert!(loses_admin(&admin, &with(&|user| user.leaves.push(away.clone()))));
        assert!(loses_admin(&admin, &with(&|user| user.deleted_at = Some(user.created_at))));
        let at = Timestamp::from_seconds(99);
        let plan = |to| Planned {
            id: PlanId::new(at, [1; 10]),
            sort: PlanSort::Change,
            to,
            at,
            reason: None,
            made_at: admin.created_at,
            job: JobId::new(at, [1; 10]),
        };
        assert!(loses_admin(&admin, &with(&|user| user.planned.push(plan(Status::Suspended)))));
        assert!(!loses_admin(&admin, &with(&|user| user.planned.push(plan(Status::Active)))));
        let plain = user(UserType::User);
        assert!(!loses_admin(&plain, &with(&|user| user.status = Status::Banned)));
    }
}
