//! The wall between accounts and what they say: everything that crosses it becomes a tag or a
//! sealed value here.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use super::{
    key::SecretKey,
    random,
    shelf::Shelf,
    subkey::{Purpose, SubKey, Unreadable},
};
use crate::domain::{
    AccountId, EmailAddress, EmailTag, PersonTag, Room, RoomId, SealedEmail, SealedSecret,
};

/// Turns accounts into what the database may know of them. Cheap to clone.
#[derive(Clone)]
pub struct Wall(Arc<Keys>);

struct Keys {
    room_secrets: SubKey,
    email_tags: SubKey,
    emails: SubKey,
    shelves: SubKey,
    access_tokens: SubKey,
    refresh_tokens: SubKey,
    passwords: SubKey,
}

/// A sealed address is padded to this length, so that it does not say how long the address is.
const PADDED_EMAIL_BYTES: usize = 1 + EmailAddress::MAX_BYTES;

impl Wall {
    /// The wall of the server that has this key.
    pub fn new(key: &SecretKey) -> Self {
        Self(Arc::new(Keys {
            room_secrets: key.derive(Purpose::RoomSecrets),
            email_tags: key.derive(Purpose::EmailTags),
            emails: key.derive(Purpose::Emails),
            shelves: key.derive(Purpose::Shelves),
            access_tokens: key.derive(Purpose::AccessTokens),
            refresh_tokens: key.derive(Purpose::RefreshTokens),
            passwords: key.derive(Purpose::Passwords),
        }))
    }

    /// A new random secret for `room`, sealed so that it opens for this room only.
    pub fn new_room_secret(&self, room: RoomId) -> SealedSecret {
        let secret = Zeroizing::new(random::bytes::<32>());
        SealedSecret(self.0.room_secrets.seal(room.as_bytes(), &*secret))
    }

    /// Who `account` is in `room`: always the same in one room, and nothing that could be
    /// connected with the tag of another room.
    ///
    /// # Errors
    /// [`Unreadable`] when the room's secret is not one that this server sealed for it.
    pub fn person(&self, account: AccountId, room: &Room) -> Result<PersonTag, Unreadable> {
        self.person_in(account, room.id, &room.secret)
    }

    /// [`Wall::person`] for a room that is yet to be stored.
    ///
    /// # Errors
    /// [`Unreadable`] when `secret` is not one that this server sealed for `room`.
    pub fn person_in(
        &self,
        account: AccountId,
        room: RoomId,
        secret: &SealedSecret,
    ) -> Result<PersonTag, Unreadable> {
        let secret = self.0.room_secrets.open(room.as_bytes(), &secret.0)?;
        let secret = secret.as_slice().try_into().map_err(|_| Unreadable)?;
        Ok(PersonTag(SubKey::new(secret).mac(b"anonchat/v1/person", account.as_bytes())))
    }

    /// By what an account with this address is found; the same for every way to write its case.
    pub fn email_tag(&self, email: &EmailAddress) -> EmailTag {
        let folded = Zeroizing::new(email.folded());
        EmailTag(self.0.email_tags.mac(b"anonchat/v1/email", folded.as_bytes()))
    }

    /// Seals the address of `account`, so that it opens for this account only and does not show
    /// its length.
    pub fn seal_email(&self, account: AccountId, email: &EmailAddress) -> SealedEmail {
        let text = email.as_str().as_bytes();
        let mut padded = Zeroizing::new([0; PADDED_EMAIL_BYTES]);
        padded[0] = u8::try_from(text.len()).expect("an address has at most 254 bytes");
        padded[1..=text.len()].copy_from_slice(text);
        SealedEmail(self.0.emails.seal(account.as_bytes(), &*padded))
    }

    /// The address that [`Wall::seal_email`] sealed for `account`.
    ///
    /// # Errors
    /// [`Unreadable`] for everything else.
    pub fn open_email(
        &self,
        account: AccountId,
        email: &SealedEmail,
    ) -> Result<EmailAddress, Unreadable> {
        let padded = self.0.emails.open(account.as_bytes(), &email.0)?;
        let (length, text) = padded.split_first().ok_or(Unreadable)?;
        let text = text.get(..usize::from(*length)).ok_or(Unreadable)?;
        let text = str::from_utf8(text).map_err(|_| Unreadable)?;
        EmailAddress::parse(text).map_err(|_| Unreadable)
    }

    /// The shelf of `account`, for `chat` to use without learning whose it is.
    pub fn shelf(&self, account: AccountId) -> Shelf {
        Shelf::new(&self.0.shelves.derive(account.as_bytes()))
    }

    /// Signs access tokens; used for nothing else.
    pub fn access_token_key(&self) -> &SubKey {
        &self.0.access_tokens
    }

    /// Authenticates refresh tokens; used for nothing else.
    pub fn refresh_token_key(&self) -> &SubKey {
        &self.0.refresh_tokens
    }

    /// Goes into the hashes of passwords; used for nothing else.
    pub fn password_key(&self) -> &SubKey {
        &self.0.passwords
    }
}

impl fmt::Debug for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wall(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> AccountId {
        AccountId::from_bytes([1; 16])
    }

    fn ben() -> AccountId {
        AccountId::from_bytes([2; 16])
    }

    fn kitchen() -> RoomId {
        RoomId::from_bytes([1; 10])
    }

    fn garden() -> RoomId {
        RoomId::from_bytes([2; 10])
    }

    fn wall() -> Wall {
        Wall::new(&SecretKey::from_bytes(random::bytes()).unwrap())
    }

    fn address(raw: &str) -> EmailAddress {
        EmailAddress::parse(raw).unwrap()
    }

    #[test]
    fn a_person_is_the_same_in_one_room_and_another_in_every_other() {
        let wall = wall();
        let (here, there) = (wall.new_room_secret(kitchen()), wall.new_room_secret(garden()));
        let tag = wall.person_in(ann(), kitchen(), &here).unwrap();
        assert_eq!(wall.person_in(ann(), kitchen(), &here), Ok(tag));
        assert_ne!(wall.person_in(ben(), kitchen(), &here), Ok(tag));
        assert_ne!(wall.person_in(ann(), garden(), &there), Ok(tag));
    }

    #[test]
    fn a_new_secret_makes_new_people() {
        let wall = wall();
        let (one, two) = (wall.new_room_secret(kitchen()), wall.new_room_secret(kitchen()));
        assert_ne!(wall.person_in(ann(), kitchen(), &one), wall.person_in(ann(), kitchen(), &two));
    }

    #[test]
    fn a_rooms_secret_opens_for_this_room_and_with_this_key_only() {
        let here = wall();
        let secret = here.new_room_secret(kitchen());
        assert_eq!(here.person_in(ann(), garden(), &secret), Err(Unreadable));
        assert_eq!(wall().person_in(ann(), kitchen(), &secret), Err(Unreadable));
        assert_eq!(here.person_in(ann(), kitchen(), &SealedSecret(vec![])), Err(Unreadable));
    }

    #[test]
    fn an_address_is_found_without_regard_to_case() {
        let wall = wall();
        let tag = wall.email_tag(&address("Ann@Example.org"));
        assert_eq!(wall.email_tag(&address("ann@example.ORG")), tag);
        assert_ne!(wall.email_tag(&address("anne@example.org")), tag);
        assert_ne!(self::wall().email_tag(&address("ann@example.org")), tag);
    }

    #[test]
    fn a_sealed_address_opens_for_its_account_only() {
        let wall = wall();
        let sealed = wall.seal_email(ann(), &address("Ann@Example.org"));
        assert_eq!(wall.open_email(ann(), &sealed).unwrap().as_str(), "Ann@Example.org");
        assert_eq!(wall.open_email(ben(), &sealed).unwrap_err(), Unreadable);
        assert_eq!(self::wall().open_email(ann(), &sealed).unwrap_err(), Unreadable);
    }

    #[test]
    fn a_sealed_address_does_not_show_its_length() {
        let wall = wall();
        let long = format!("ann@{}.example.org", vec!["x".repeat(60); 3].join("."));
        let sealed = wall.seal_email(ann(), &address(&long));
        assert_eq!(wall.open_email(ann(), &sealed).unwrap().as_str(), long);
        assert_eq!(sealed.0.len(), wall.seal_email(ann(), &address("a@b.cd")).0.len());
    }

    #[test]
    fn a_shelf_is_found_again_by_its_owner_only() {
        let wall = wall();
        assert_eq!(wall.shelf(ann()).tag, wall.shelf(ann()).tag);
        assert_ne!(wall.shelf(ann()).tag, wall.shelf(ben()).tag);
        assert_ne!(wall.shelf(ann()).tag, self::wall().shelf(ann()).tag);
    }

    #[test]
    fn keys_for_tokens_differ_and_come_back_after_a_restart() {
        let key = SecretKey::from_bytes(random::bytes()).unwrap();
        let (before, after) = (Wall::new(&key), Wall::new(&key));
        assert_eq!(before.access_token_key().expose(), after.access_token_key().expose());
        assert_ne!(before.access_token_key().expose(), before.refresh_token_key().expose());
    }
}
