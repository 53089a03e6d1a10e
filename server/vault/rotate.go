package vault

import (
	"context"
	"slices"

	"github.com/aichat-term/aichat/server/fault"
)

// Rotation is what a rotation came to.
type Rotation struct {
	MasterKey  string // the newest, by which keys are sealed now
	Resealed   int64
	Unreadable []Key // whose master keys are not there, or which were changed
}

// rotateSome is how many keys one transaction seals anew.
const rotateSome = 64

// Rotate reads the master keys again and seals by the newest whatever is not sealed
// by it. Keys are usable all the while. When it breaks off, what was done is done,
// and another Rotate goes on from there.
func (v *Vault) Rotate(ctx context.Context) (Rotation, error) {
	if err := v.sealer().Reload(ctx); err != nil {
		return Rotation{}, fault.Wrap(err, fault.Unavailable, "The master keys cannot be read: %v.", err)
	}
	masters := v.sealer().Masters()
	if len(masters) == 0 {
		return Rotation{}, fault.New(fault.Forbidden, "There is no master key to seal with.")
	}
	r := Rotation{MasterKey: masters[len(masters)-1]}
	defer v.ring.Drop()
	for after := KeyID(""); ; {
		some, err := v.store().NotSealedBy(ctx, r.MasterKey, after, rotateSome)
		if err != nil || len(some) == 0 {
			return r, err
		}
		after = some[len(some)-1].ID
		if err := v.reseal(ctx, some, &r); err != nil {
			return r, err
		}
	}
}

// reseal seals some keys anew. One that changes meanwhile was sealed anew by
// another rotation, or removed.
func (v *Vault) reseal(ctx context.Context, some []Sealed, r *Rotation) error {
	var fresh []Resealed
	for i := range some {
		k := &some[i]
		secret, err := v.sealer().Open(k.Box, &k.Key)
		if err != nil {
			r.Unreadable = append(r.Unreadable, k.Key)
			continue
		}
		box, master, err := v.sealer().Seal(ctx, secret, &k.Key)
		if err != nil {
			return err
		}
		fresh = append(fresh, Resealed{ID: k.ID, From: k.Box, To: box, MasterKey: master})
	}
	if len(fresh) == 0 {
		return nil
	}
	n, err := v.store().Reseal(ctx, fresh)
	r.Resealed += n
	return err
}

// MissingMasters lists the master keys that seal keys which are in use, and that are
// not there.
func (v *Vault) MissingMasters(ctx context.Context) (missing []MasterUse, err error) {
	uses, err := v.store().MasterKeys(ctx)
	if err != nil {
		return nil, err
	}
	there := v.sealer().Masters()
	for _, u := range uses {
		if !slices.Contains(there, u.MasterKey) && u.Enabled > 0 {
			missing = append(missing, u)
		}
	}
	return missing, nil
}
